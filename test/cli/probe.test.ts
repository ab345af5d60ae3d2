// bform probe as a process: what it prints, keeps and writes, and what it says where there is no adapter.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measuredProfileSchema } from '../../runtime/device-profile.ts';
import { bform, start, temporaryFolder } from '../support/cli.ts';
import { ownCache } from '../support/own-cache.ts';

const folder = temporaryFolder();

function withCache(name: string): { cache: string; env: Record<string, string> } {
  const env = ownCache(join(folder, name));
  return { cache: env.XDG_CACHE_HOME, env };
}

const keptIn = (cache: string): string[] => {
  const devices = join(cache, 'bform', 'devices');
  return existsSync(devices) ? readdirSync(devices) : [];
};

describe('bform probe', () => {
  it('prints a profile, keeps it for the adapter, and writes it to a file', async () => {
    const { cache, env } = withCache('kept');
    const output = join(folder, 'profile.json');
    const { code, stdout, stderr } = await bform(
      ['probe', '--repeats', '1', '--json', '-o', output],
      { env },
    );
    expect(code).toBe(0);
    const profile = measuredProfileSchema.parse(JSON.parse(stdout));
    const [kept, ...others] = keptIn(cache);
    expect(others).toEqual([]);
    expect(stderr).toContain(`Kept for --device this: ${join(cache, 'bform', 'devices', kept!)}`);
    for (const file of [output, join(cache, 'bform', 'devices', kept!)])
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(profile);

    const listed = await bform(['probe', '--list', '--json'], { env });
    const names = (JSON.parse(listed.stdout) as { name: string; kind: string }[]).map(
      ({ name, kind }) => [name, kind],
    );
    expect(names[0]).toEqual([profile.name, 'measured']);
    expect(names).toContainEqual(['RTX 4090', 'data sheet']);
    const table = await bform(['probe', '--list'], { env });
    expect(table.stdout).toMatch(
      /^rtx-4090 +data sheet +82\.6 TFLOP\/s +82\.6 TFLOP\/s +1\.01 TB\/s$/m,
    );
  });

  it('prints a table of medians with their spread', async () => {
    const { env } = withCache('table');
    const { code, stdout } = await bform(['probe', '--repeats', '1'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^multiply-adds f32( +[\d.]+ [kMGT]FLOP\/s){3} {2}.*, \d+ chains, /m);
    expect(stdout).toMatch(/^bytes moved( +[\d.]+ [kMGT]B\/s){3} {2}\d+ MiB by /m);
    expect(stdout).toMatch(/^a dispatch( +[\d.]+ (ms|µs)){3}$/m);
    expect(stdout).toMatch(/^a submit( +[\d.]+ (ms|µs)){3}$/m);
  });

  it('ends with code 3 where there is no adapter, and keeps nothing', async () => {
    const { cache, env } = withCache('none');
    const { code, stdout, stderr } = await bform(['probe'], {
      env: { ...env, VK_ICD_FILENAMES: join(folder, 'no-driver.json'), VK_DRIVER_FILES: '' },
    });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error: No graphics adapter was found/m);
    expect(keptIn(cache)).toEqual([]);
  });

  it('measures nothing where it could not write the file, or is told wrongly', async () => {
    const { cache, env } = withCache('wrong');
    const folderAsFile = await bform(['probe', '-o', folder], { env });
    expect([folderAsFile.code, folderAsFile.stdout]).toEqual([1, '']);
    expect((await bform(['probe', '--list', '-o', 'x.json'], { env })).code).toBe(2);
    expect((await bform(['probe', '--repeats', '0'], { env })).code).toBe(2);
    expect(keptIn(cache)).toEqual([]);
  });

  it('stops when interrupted, and leaves no file', async () => {
    const { cache, env } = withCache('interrupted');
    const child = start(['probe', '--repeats', '1000'], { env });
    // Whatever it is at by then: loading, or the first of the repeats.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGINT');
    await ended;
    expect(child.exitCode === 130 || child.signalCode === 'SIGINT').toBe(true);
    expect(keptIn(cache)).toEqual([]);
  });
});
