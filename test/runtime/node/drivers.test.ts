import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backportsLine, parseDeb822, parseOneLine } from '../../../runtime/node/apt.ts';
import {
  cacheFolder,
  kindOf,
  recordChoice,
  recordedChoice,
  selectDriver,
} from '../../../runtime/node/drivers.ts';
import { probe } from '../../../runtime/node/probe.ts';
import { tarFiles } from '../../../runtime/node/tar.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bform-drivers-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('VK_ICD_FILENAMES', undefined);
  vi.stubEnv('VK_DRIVER_FILES', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('the choice of a driver', () => {
  it('is kept in the cache folder and applied unless the environment chooses', () => {
    const icd = join(folder, 'lvp_icd.json');
    writeFileSync(icd, '{}');
    expect(recordedChoice()).toBeUndefined();
    recordChoice({ kind: 'lavapipe', icd, why: 'a test' });
    expect(cacheFolder()).toBe(join(folder, 'bform'));
    expect(recordedChoice()).toEqual({ kind: 'lavapipe', icd, why: 'a test' });
    selectDriver();
    expect(process.env.VK_ICD_FILENAMES).toBe(icd);
    vi.stubEnv('VK_ICD_FILENAMES', '/other.json');
    selectDriver();
    expect(process.env.VK_ICD_FILENAMES).toBe('/other.json');
  });

  it('is forgotten when its driver has gone or its record is damaged', () => {
    const icd = join(folder, 'vk_swiftshader_icd.json');
    recordChoice({ kind: 'swiftshader', icd, why: 'a test' });
    expect(recordedChoice()).toBeUndefined();
    mkdirSync(join(folder, 'bform'), { recursive: true });
    for (const text of [
      '{',
      '[]',
      '{"kind":"other","why":""}',
      '{"kind":"gpu","why":"","icd":7}',
    ]) {
      writeFileSync(join(folder, 'bform', 'adapter.json'), text);
      expect(recordedChoice()).toBeUndefined();
    }
  });

  it('knows drivers by their manifests', () => {
    expect(kindOf('/usr/share/vulkan/icd.d/lvp_icd.x86_64.json')).toBe('lavapipe');
    expect(kindOf('/x/vk_swiftshader_icd.json')).toBe('swiftshader');
    expect(kindOf('/usr/share/vulkan/icd.d/nvidia_icd.json')).toBe('gpu');
  });
});

describe('a probe', () => {
  it('says why a driver that is not there does not work', async () => {
    const result = await probe({ kind: 'lavapipe', icd: join(folder, 'none.json') });
    expect(result).toEqual({ works: false, why: 'Dawn finds no adapter that it accepts' });
  });
});

describe('apt sources', () => {
  const oneLine = [
    '# deb http://commented.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm main contrib',
    'deb-src http://mirror.example/debian bookworm main',
    'deb http://mirror.example/debian-security bookworm-security main',
  ].join('\n');
  const deb822 = [
    'Types: deb deb-src',
    'URIs: http://mirror.example/debian',
    'Suites: bookworm bookworm-updates',
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    '',
    'Types: deb',
    'Enabled: no',
    'URIs: http://off.example/debian',
    'Suites: bookworm-backports',
  ].join('\n');

  it('give the line for backports on the mirror in use, with its options', () => {
    expect(backportsLine(parseOneLine(oneLine))).toBe(
      'deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm-backports main',
    );
    expect(backportsLine(parseDeb822(deb822))).toBe(
      'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian bookworm-backports main',
    );
  });

  it('need no line where backports are there already, or no mirror is known', () => {
    const there = 'deb http://mirror.example/debian bookworm-backports main';
    expect(backportsLine(parseOneLine(`${oneLine}\n${there}`))).toBeUndefined();
    expect(backportsLine([])).toBeUndefined();
  });
});

describe('a tar archive', () => {
  const entry = (name: string, content: string, type = '0'): Buffer => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(type, 156);
    return Buffer.concat([
      header,
      Buffer.from(content),
      Buffer.alloc((512 - (content.length % 512)) % 512),
    ]);
  };

  it('gives its regular files', () => {
    const archive = Buffer.concat([
      entry('./a.txt', 'hello'),
      entry('folder', '', '5'),
      entry('b', 'x'.repeat(1000)),
      Buffer.alloc(1024),
    ]);
    const files = Array.from(tarFiles(archive), ({ name, content }) => [name, content.length]);
    expect(files).toEqual([
      ['a.txt', 5],
      ['b', 1000],
    ]);
  });

  it('is refused when it is cut short', () => {
    expect(() => [...tarFiles(entry('b', 'x'.repeat(1000)).subarray(0, 700))]).toThrow(/cut short/);
  });
});
