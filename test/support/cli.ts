// Runs the built `bform` command as a process of its own, as its users do.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when the process has ended, however it ended. */
export async function bform(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  child.stdin.end(options.input ?? '');
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** The running process itself, for tests that interrupt it. */
export function start(args: readonly string[], { cwd = repository, env = {} }: RunOptions = {}) {
  if (!existsSync(main)) throw new Error('dist/ is not built: npm run build');
  return spawn(process.execPath, [main, ...args], {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
}

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bform-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
