// Which Vulkan driver Dawn is to use: the user's environment decides, else what the set-up recorded in the cache folder.
// Knows where drivers lie and which one was chosen; installs nothing (ensure-adapter.ts does).
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';

export type DriverKind = 'gpu' | 'lavapipe' | 'swiftshader';

export interface Driver {
  readonly kind: DriverKind;
  /** The driver's Vulkan manifest; absent where the system's own choice is right. */
  readonly icd?: string;
  /** A Vulkan loader to use because the system has none. */
  readonly loader?: string;
}

/** What the set-up chose, with the reason in words. */
export interface DriverChoice extends Driver {
  readonly why: string;
}

const ICD_FOLDERS = [
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
];
const CHROMIUM_ICD = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Where downloads and the chosen driver are kept: `$XDG_CACHE_HOME/bform`, or the platform's usual folder. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'bform');
  if (process.platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'bform', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'bform');
  return join(homedir(), '.cache', 'bform');
}

/** Where the set-up puts SwiftShader. */
export const swiftShaderFolder = (): string => join(cacheFolder(), 'swiftshader');

/** The software drivers of this machine, the faster first. */
export function softwareDrivers(): Driver[] {
  const found: Driver[] = [];
  for (const folder of ICD_FOLDERS.filter((path) => existsSync(path)))
    for (const file of readdirSync(folder))
      if (/^lvp_icd.*\.json$/.test(file)) found.push({ kind: 'lavapipe', icd: join(folder, file) });
  for (const icd of [join(swiftShaderFolder(), 'vk_swiftshader_icd.json'), CHROMIUM_ICD])
    if (existsSync(icd)) found.push({ kind: 'swiftshader', icd });
  return found;
}

/** What a driver's manifest is for, by its name. */
export function kindOf(icd: string): DriverKind {
  if (/lvp_icd[^/]*\.json$/.test(icd)) return 'lavapipe';
  return /swiftshader[^/]*\.json$/.test(icd) ? 'swiftshader' : 'gpu';
}

const choiceFile = (): string => join(cacheFolder(), 'adapter.json');

/** The recorded choice, if there is one whose files are still in their places. */
export function recordedChoice(): DriverChoice | undefined {
  try {
    const { kind, icd, loader, why } = JSON.parse(readFileSync(choiceFile(), 'utf8'));
    if (kind !== 'gpu' && kind !== 'lavapipe' && kind !== 'swiftshader') return undefined;
    if (typeof why !== 'string') return undefined;
    for (const path of [icd, loader])
      if (path !== undefined && !(typeof path === 'string' && existsSync(path))) return undefined;
    return { kind, why, ...(icd && { icd }), ...(loader && { loader }) };
  } catch {
    return undefined;
  }
}

export function recordChoice(choice: DriverChoice): void {
  mkdirSync(cacheFolder(), { recursive: true });
  const draft = `${choiceFile()}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(choice, null, 2)}\n`);
  renameSync(draft, choiceFile());
}

/** Points this process at the driver to use. Must run before Dawn makes its first instance. */
export function selectDriver(): void {
  const choice = recordedChoice();
  if (choice?.loader) preloadLoader(choice.loader);
  if (process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES) return;
  if (choice?.icd) process.env.VK_ICD_FILENAMES = choice.icd;
}

/**
 * Dawn opens `libvulkan.so.1` by name, which finds a library of that name that is in the process already. It stays there
 * although Node refuses it for not being an addon, because it is opened with RTLD_NODELETE.
 */
export function preloadLoader(path: string): void {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // "Module did not self-register" is what success looks like; if it failed, Dawn finds no adapter and says so.
  }
}

/** The version of the npm package that holds Dawn, and where it lies; `undefined` where it is not installed. */
export function dawnPackage(): { version: string; entry: string } | undefined {
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve('webgpu');
    return { version: require('webgpu/package.json').version, entry };
  } catch {
    return undefined;
  }
}
