// Test runner settings. GPU tests need child processes (Dawn aborts in worker threads), so: forks.
// Tests that hold something to a time run by themselves, after all others.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const TIMED = ['test/cli/interrupt.test.ts', 'test/cli/watch.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: TIMED,
          // Vitest would leave one core idle, which is half of a machine of two.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
