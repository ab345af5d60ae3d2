// Profiles of devices by name: stored ones keyed by adapter and driver, damaged ones ignored, shipped ones, files.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  profileBytes,
  resolveDevice,
  shippedProfiles,
  shortName,
  storedProfiles,
  storeProfile,
} from '../../cli/device-profiles.ts';
import { UsageError, UserError } from '../../cli/exit.ts';
import { ridgePoint } from '../../compiler/cost/roofline.ts';
import { loadGpu } from '../../runtime/device-node.ts';
import { type MeasuredProfile, rooflineOf } from '../../runtime/device-profile.ts';
import { temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const before = process.env.XDG_CACHE_HOME;
let tests = 0;
let cache: string;
const talked: string[] = [];

// The driver that the set-up chose is recorded in the cache folder too.
beforeAll(() => loadGpu());

beforeEach(() => {
  cache = join(folder, String(tests++));
  process.env.XDG_CACHE_HOME = cache;
  talked.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    talked.push(String(text));
    return true;
  });
});

afterAll(() => {
  vi.restoreAllMocks();
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

const one = { least: 1, most: 1 };
const measured = (device: string, driver: string, date = '2026-01-02T03:04:05Z') =>
  ({
    format: 'bform-device',
    version: 1,
    kind: 'measured',
    name: device,
    adapter: { vendor: 'v', architecture: 'a', device, description: driver },
    flops: 1e12,
    bytesPerSecond: 1e11,
    dispatchMs: 0.01,
    submitMs: 0.1,
    timing: 'timestamps',
    spread: { repeats: 1, flops: one, bytesPerSecond: one, dispatchMs: one, submitMs: one },
    by: { flops: 'f32', bytesPerSecond: 'a kernel' },
    date,
  }) satisfies MeasuredProfile;

const stored = () => readdirSync(join(cache, 'bform', 'devices')).sort();

describe('stored profiles', () => {
  it('are none before anything was measured', () => {
    expect(storedProfiles()).toEqual([]);
  });

  it('are kept for each adapter and driver, and replaced by a newer measurement of the same', async () => {
    await storeProfile(measured('card', 'driver 1'));
    await storeProfile(measured('card', 'driver 2', '2026-03-01T00:00:00Z'));
    const again = { ...measured('card', 'driver 1', '2026-02-01T00:00:00Z'), flops: 2e12 };
    const file = await storeProfile(again);
    expect(stored()).toHaveLength(2);
    expect(stored().every((name) => /^card-[0-9a-f]{12}\.json$/.test(name))).toBe(true);
    expect(file.startsWith(join(cache, 'bform', 'devices'))).toBe(true);
    expect(storedProfiles()).toEqual([measured('card', 'driver 2', '2026-03-01T00:00:00Z'), again]);
  });

  it('leave no other file behind, and one that is half written is not seen', async () => {
    await storeProfile(measured('card', 'driver'));
    expect(stored()).toHaveLength(1);
    writeFileSync(join(cache, 'bform', 'devices', '.card.json.new-1234'), '{"format"');
    expect(storedProfiles()).toHaveLength(1);
    expect(talked).toEqual([]);
  });

  it('are named and ignored where they are damaged', async () => {
    await storeProfile(measured('card', 'driver'));
    const devices = join(cache, 'bform', 'devices');
    writeFileSync(join(devices, 'cut.json'), '{"format": "bform-dev');
    writeFileSync(
      join(devices, 'wrong.json'),
      JSON.stringify({ ...measured('x', 'y'), flops: -1 }),
    );
    expect(storedProfiles().map(({ name }) => name)).toEqual(['card']);
    expect(talked).toHaveLength(2);
    expect(talked[0]).toMatch(
      /^note: .*cut\.json is damaged and ignored \(.+\)\. .*bform probe\n$/,
    );
    expect(talked[1]).toContain('wrong.json is damaged and ignored (flops: ');
  });
});

describe('shipped profiles', () => {
  it('are some ten, each with a name of its own and a source', () => {
    const shipped = shippedProfiles();
    expect(shipped.length).toBeGreaterThanOrEqual(10);
    expect(new Set(shipped.map(({ name }) => shortName(name))).size).toBe(shipped.length);
    expect(shipped.map(({ kind }) => kind)).toEqual(shipped.map(() => 'data sheet'));
  });

  it('have figures of the right magnitude: ridges from 10 to 100 FLOPs for a byte', () => {
    const ridges = shippedProfiles().map((profile) => ridgePoint(rooflineOf(profile)));
    for (const ridge of ridges) {
      expect(ridge).toBeGreaterThan(9);
      expect(ridge).toBeLessThan(100);
    }
  });
});

describe('the name of a device', () => {
  it('is found in any spelling of its words, measured ones first', async () => {
    expect((await resolveDevice('RTX 4090')).flops).toBe(82.58e12);
    expect(await resolveDevice('rtx-4090')).toEqual(await resolveDevice('RTX 4090'));
    await storeProfile(measured('RTX 4090', 'driver'));
    expect((await resolveDevice('rtx-4090')).kind).toBe('measured');
  });

  it('is suggested where it is misspelt', async () => {
    await expect(resolveDevice('rtx-4900')).rejects.toThrow('Did you mean rtx-4090?');
    await expect(resolveDevice('abacus')).rejects.toThrow('To list them: bform probe --list');
    await expect(resolveDevice('abacus')).rejects.toBeInstanceOf(UsageError);
  });

  it('may be a file', async () => {
    const profile = measured('card', 'driver');
    mkdirSync(cache, { recursive: true });
    const file = join(cache, 'mine.json');
    writeFileSync(file, profileBytes(profile));
    expect(await resolveDevice(file)).toEqual(profile);
    writeFileSync(file, '{}');
    await expect(resolveDevice(file)).rejects.toThrow(/mine\.json is no device profile: /);
    await expect(resolveDevice(join(cache, 'none.json'))).rejects.toBeInstanceOf(UserError);
  });

  it('says how to measure the adapter at hand where that has not been done', async () => {
    await expect(resolveDevice('this')).rejects.toThrow(
      /^The adapter .+ has not been measured yet\. To measure it: bform probe$/,
    );
  });
});
