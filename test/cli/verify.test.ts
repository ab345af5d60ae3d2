// bform verify as a process, on a bundle as it is, with a kernel damaged, and without its source.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../runtime/manifest.ts';
import { bform, repository, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const whole = join(folder, 'whole');

/** A copy of the bundle in which a file's text is changed, and the manifest with it. */
function changed(name: string, change: (folder: string, manifest: Manifest) => void): string {
  const copy = join(folder, name);
  cpSync(whole, copy, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8')) as Manifest;
  change(copy, manifest);
  writeFileSync(join(copy, 'manifest.json'), JSON.stringify(manifest));
  return copy;
}

beforeAll(async () => {
  const example = join(repository, 'examples/gpt2-tiny/model.bform');
  expect((await bform(['compile', example, '-o', whole, '--seed', '1'])).code).toBe(0);
}, 60_000);

describe('bform verify', () => {
  it('prints the error of each layer, and ends well where all are small', async () => {
    const { code, stdout } = await bform(['verify', whole]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^blocks\.2\.f\.act +\d\.\de-\d$/m);
    expect(stdout).toMatch(/^output logits +\d\.\de-\d$/m);
    const strict = await bform(['verify', whole, '--tolerance', '0', '--format', 'json']);
    expect(strict.code).toBe(1);
    expect(JSON.parse(strict.stdout)).toMatchObject({ sizes: { b: 2, t: 8 }, tolerance: 0 });
  });

  it('names the layer of a damaged kernel', async () => {
    const damaged = changed('damaged', (copy, manifest) => {
      // Runs and decoding share kernels.
      for (const kernel of [...manifest.kernels, ...(manifest.decode?.kernels ?? [])]) {
        const text = readFileSync(join(copy, kernel.file), 'utf8').replace(/0\.044715f/g, '0.5f');
        const sha256 = createHash('sha256').update(text).digest('hex');
        writeFileSync(join(copy, kernel.file), text);
        manifest.files[kernel.file] = { bytes: text.length, sha256 };
        kernel.sha256 = sha256;
      }
    });
    const { code, stderr, stdout } = await bform(['verify', damaged]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: \d+ over the tolerance of 0\.0001, first blocks\.0\.f\.act\n$/);
    expect(stdout).toMatch(/^blocks\.0\.f\.act .* over the tolerance$/m);
  });

  it('says what it cannot verify', async () => {
    const bare = changed('bare', (_, manifest) => {
      delete manifest.files['source.json'];
    });
    const { code, stderr } = await bform(['verify', bare]);
    expect([code, stderr]).toEqual([
      1,
      `error: ${bare} does not hold its source (source.json): compile it again.\n`,
    ]);
    expect((await bform(['verify', whole, '--seq', '100000'])).code).toBe(2);
    expect((await bform(['verify', join(folder, 'none')])).code).toBe(1);
  });
});
