// The test command: set-up, then the whole suite on one adapter, then the tests that use a GPU once more on SwiftShader,
// whose limits and subgroups differ. Arguments go to the first run: `npm test -- test/wgsl`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Tests that reach one of these through their imports are GPU tests. */
const OPENS_A_DEVICE = ['test/support/gpu.ts', 'runtime/device-node.ts'];
const loud = (line) => console.log(`\n${'='.repeat(100)}\n${line}\n${'='.repeat(100)}`);

async function main(args) {
  const chosen = await setUp();
  const { obtainLavapipe, obtainSwiftShader } = await import(
    '../dist/runtime/node/ensure-adapter.js'
  );
  const lavapipe = await obtainLavapipe(console.log).catch((error) => error);
  const swiftShader = await obtainSwiftShader(console.log).catch((error) => error);
  const first = lavapipe instanceof Error ? chosen : lavapipe;
  if (lavapipe instanceof Error)
    loud(`NOT TESTED ON LAVAPIPE: ${lavapipe.message}. The suite runs on ${first.kind}.`);

  loud(`The suite on ${first.kind}`);
  if (!vitest(first, ['run', ...args])) return false;
  if (args.length > 0 || first.kind === 'swiftshader') return true;
  if (swiftShader instanceof Error) {
    loud(`NOT TESTED ON SWIFTSHADER: ${swiftShader.message}.`);
    return true;
  }
  loud('The GPU tests again on SwiftShader');
  return vitest(swiftShader, ['related', '--run', ...OPENS_A_DEVICE]);
}

function vitest(driver, args) {
  const entry = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { VK_DRIVER_FILES: _, ...env } = process.env;
  const { status } = spawnSync(process.execPath, [entry, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: driver.icd ? { ...env, VK_ICD_FILENAMES: driver.icd } : env,
  });
  return status === 0;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(`Tests could not run: ${error.message}`);
  process.exitCode = 1;
}
