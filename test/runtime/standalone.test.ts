import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dawnPackage } from '../../runtime/node/drivers.ts';
import { standaloneOptions } from '../../scripts/standalone-options.mjs';
import { tinyBundle } from '../support/tiny-bundle.ts';

// A project of its own, in which only the package webgpu (and what it brings) is installed.
let project: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'bform-standalone-'));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await build({ ...standaloneOptions(root), outfile: join(project, 'runtime.js') });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(dirname(dawnPackage()!.entry), join(project, 'node_modules', 'webgpu'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  const { manifest, kernels } = tinyBundle();
  mkdirSync(join(project, 'kernels'));
  for (const [file, text] of kernels) writeFileSync(join(project, file), text);
  writeFileSync(join(project, 'manifest.json'), JSON.stringify(manifest));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the one-file runtime', () => {
  it('imports nothing but Node and webgpu', () => {
    const text = readFileSync(join(project, 'runtime.js'), 'utf8');
    const imports = text.matchAll(
      /^\s*(?:import|export)\b[^;]*?from\s*"([^"]+)"|\bawait import\("([^"]+)"\)/gm,
    );
    const names = new Set(Array.from(imports, ([, still, dynamic]) => still ?? dynamic!));
    expect([...names].filter((name) => !name.startsWith('node:'))).toEqual(['webgpu']);
  });

  it('loads and runs a bundle where only webgpu is installed, and lets the process end', async () => {
    writeFileSync(
      join(project, 'main.js'),
      `import { loadModel } from './runtime.js';
       const model = await loadModel(new URL('.', import.meta.url), { seed: 1 });
       const { y } = await model.run({ tokens: [[1, 2, 3]] });
       console.log(JSON.stringify([y.shape, y.data.length]));
       await model.run({ tokens: [[99]] }).catch((error) => console.log(error.code, error.name));
       model.dispose();`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], {
      cwd: project,
      timeout: 60_000,
    });
    expect(stdout).toBe('[[1,3,3],9]\nBF9003 InputError\n');
  });
});
