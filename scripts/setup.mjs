// Everything that a fresh clone needs, each step only where it is missing: Node's version, the locked dependencies, dist/,
// an adapter for Dawn. Plain JavaScript on Node alone, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Gives the driver that was chosen; `again` chooses it anew. Throws `Error` with a message for people.
 */
export async function setUp({ say = console.log, again = false } = {}) {
  checkNode();
  installDependencies(say);
  const { build } = await import('./build.mjs');
  await build({ say });
  const { ensureAdapter } = await import('../dist/runtime/node/ensure-adapter.js');
  return ensureAdapter({ say, again });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(
      `bform needs Node 20.19 or later; this is ${process.versions.node}. Run: nvm install 20`,
    );
}

function installDependencies(say) {
  if (isInstalled()) return;
  say('Installing the locked dependencies with npm ci ...');
  const npm = process.env.npm_execpath;
  const [command, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const args = [...before, 'ci', '--engine-strict', '--no-audit', '--no-fund'];
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: command === 'npm' && process.platform === 'win32',
    // onnxruntime-node would fetch hundreds of megabytes of CUDA for its GPU; the tests use its CPU.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (status !== 0) throw new Error(`npm ci failed${error ? `: ${error.message}` : ''}`);
}

/** True where every package of the lock file is there in its version; npm keeps its own record of what it installed. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  );
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  try {
    await setUp({ again: process.argv.includes('--again') });
  } catch (error) {
    console.error(`Set-up failed: ${error.message}`);
    process.exitCode = 1;
  }
}
