import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DoctorReport, diagnose, formatDoctor } from '../../../runtime/doctor-node.ts';
import { recordedChoice } from '../../../runtime/node/drivers.ts';
import { ensureAdapter } from '../../../runtime/node/ensure-adapter.ts';
import { waitPolitely } from '../../../runtime/node/wait.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bform-doctor-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the doctor', () => {
  it('finds the adapter that these tests run on', async () => {
    const report = await diagnose();
    expect(report.ok).toBe(true);
    expect(report.chosen.works).toBe(true);
    expect(report.dawn.version).toBe('0.6.2');
    expect(report.cacheFolder).toBe(join(folder, 'bform'));
    const { result } = report.adapters.find(({ driver }) => driver === report.chosen.driver)!;
    expect(
      result.works && result.adapter.limits.maxComputeInvocationsPerWorkgroup,
    ).toBeGreaterThanOrEqual(256);
    expect(formatDoctor(report)).toContain('An adapter works');
  });

  it('says that a driver in use does not work, and how to mend it', async () => {
    vi.stubEnv('VK_DRIVER_FILES', join(folder, 'none.json'));
    const report = await diagnose();
    expect(report.ok).toBe(false);
    expect(report.chosen.why).toBe('VK_DRIVER_FILES is set.');
    expect(report.problems[0]).toMatchObject({ command: 'unset VK_DRIVER_FILES' });
  });

  it('gives a command for everything that is missing', () => {
    const report: DoctorReport = {
      node: { version: '18.0.0', ok: false },
      platform: 'linux x64',
      dawn: { version: undefined },
      adapters: [{ driver: 'x.json', result: { works: false, why: 'it crashes' } }],
      chosen: { driver: 'x.json', why: 'a test.', works: false },
      cacheFolder: folder,
      problems: [{ what: 'nothing works', command: 'npm ci' }],
      ok: false,
    };
    const text = formatDoctor(report);
    for (const part of [
      '18.0.0 (too old)',
      'not installed',
      'it crashes',
      'nothing works',
      '  npm ci',
      'No adapter works.',
    ])
      expect(text).toContain(part);
  });
});

describe('the set-up of an adapter', () => {
  it('takes what the environment says and records nothing', async () => {
    vi.stubEnv('VK_DRIVER_FILES', '/x/lvp_icd.json');
    const lines: string[] = [];
    const choice = await ensureAdapter({ say: (line) => lines.push(line) });
    expect(choice).toMatchObject({ kind: 'lavapipe', icd: '/x/lvp_icd.json' });
    expect(lines).toEqual(['Adapter: /x/lvp_icd.json, because the environment says so.']);
    expect(recordedChoice()).toBeUndefined();
  });
});

describe('a polite wait', () => {
  it('settles as the promise does', async () => {
    const later = new Promise((resolve) => setTimeout(() => resolve(7), 20));
    expect(await waitPolitely(later)).toBe(7);
    expect(await waitPolitely(Promise.resolve(8))).toBe(8);
    await expect(waitPolitely(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
