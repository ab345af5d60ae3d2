// Which Vulkan driver Dawn is to use: the user's environment decides, else what the set-up recorded in the cache folder.
// Reads one small file and sets environment variables; installs nothing (scripts/ensure-adapter.mjs does).
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the set-up found to work. `icd` is the driver's Vulkan manifest; absent where the system's own choice is right. */
export interface DriverChoice {
  readonly kind: 'gpu' | 'lavapipe' | 'swiftshader';
  readonly icd?: string;
  readonly why: string;
}

/** Where downloads and the chosen driver are kept: `$XDG_CACHE_HOME/bform`, or the platform's usual folder. */
export function cacheFolder(): string {
  const root = process.env.XDG_CACHE_HOME;
  if (root) return join(root, 'bform');
  if (process.platform === 'win32' && process.env.LOCALAPPDATA)
    return join(process.env.LOCALAPPDATA, 'bform', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'bform');
  return join(homedir(), '.cache', 'bform');
}

/** The recorded choice, if there is one whose driver is still in its place. */
export function recordedDriver(): DriverChoice | undefined {
  const file = join(cacheFolder(), 'adapter.json');
  if (!existsSync(file)) return undefined;
  try {
    const { kind, icd, why } = JSON.parse(readFileSync(file, 'utf8'));
    if (kind !== 'gpu' && kind !== 'lavapipe' && kind !== 'swiftshader') return undefined;
    if (typeof icd === 'string' && !existsSync(icd)) return undefined;
    return { kind, why: String(why), ...(typeof icd === 'string' && { icd }) };
  } catch {
    return undefined;
  }
}

/** Points the Vulkan loader at the driver to use. Must run before Dawn makes its first instance. */
export function selectDriver(): void {
  if (process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES) return;
  const icd = recordedDriver()?.icd;
  if (icd) process.env.VK_ICD_FILENAMES = icd;
}
