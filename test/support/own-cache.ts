// A cache folder of a test's own, so that none of the user's is changed; the driver is still the one that was set up.
import { join } from 'node:path';
import { recordedChoice } from '../../runtime/node/drivers.ts';

/** Variables for a process whose cache folder is `cache/` below `folder`. */
export function ownCache(folder: string): { XDG_CACHE_HOME: string; VK_ICD_FILENAMES?: string } {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const icd = VK_DRIVER_FILES || VK_ICD_FILENAMES || recordedChoice()?.icd;
  return { XDG_CACHE_HOME: join(folder, 'cache'), ...(icd && { VK_ICD_FILENAMES: icd }) };
}
