// Compiles the sources into dist/, and two of them into single files with all that they import: the parser library
// (grammar/chevrotain.ts), to load fast, and the runtime, once more, into what needs nothing but `webgpu`:
// dist/runtime/standalone.js, which `bform compile --standalone` copies beside a bundle.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SINGLE_FILE, standaloneOptions } from './standalone-options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist', '.built');
const SOURCES = [
  'grammar',
  'compiler',
  'runtime',
  'cli',
  'scripts/build.mjs',
  'scripts/standalone-options.mjs',
  'package-lock.json',
];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json'];

/** Builds where a source is newer than the last build. Throws `Error` where the sources do not compile. */
export async function build({ say = console.log, again = false } = {}) {
  if (!again && isUpToDate()) return;
  say('Building dist/ ...');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the sources do not compile');
  const { build: bundle } = await import('esbuild');
  const outfile = join(root, 'dist', 'runtime', 'standalone.js');
  await bundle({ ...standaloneOptions(root), outfile });
  await bundle({
    ...SINGLE_FILE,
    entryPoints: [join(root, 'grammar', 'chevrotain.ts')],
    outfile: join(root, 'dist', 'grammar', 'chevrotain.js'),
  });
  copyFileSync(
    join(root, 'runtime', 'standalone.d.ts'),
    join(root, 'dist', 'runtime', 'standalone.d.ts'),
  );
  // `npx bform` runs the file itself.
  chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755);
  writeFileSync(STAMP, '');
}

function isUpToDate() {
  if (!existsSync(STAMP)) return false;
  const built = statSync(STAMP).mtimeMs;
  return [...SOURCES, ...SETTINGS].every((path) => newest(join(root, path)) < built);
}

/** Of a folder, the newest of its files and folders: a folder's own time tells of files that were removed. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url)
  await build({ again: true });
