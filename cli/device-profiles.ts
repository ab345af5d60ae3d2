// Which device a figure is for: the profiles that `bform probe` has stored in the cache folder, one for each adapter and
// driver, and those from data sheets that come with bform. Measures nothing (runtime/measure-device.ts does).
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suggest } from '../compiler/diagnostics/suggest.ts';
import { findAdapter } from '../runtime/device-node.ts';
import {
  type AdapterIdentity,
  type DataSheetProfile,
  type DeviceProfile,
  dataSheetProfileSchema,
  deviceProfileSchema,
  identityKey,
  identityOf,
  type MeasuredProfile,
  measuredProfileSchema,
} from '../runtime/device-profile.ts';
import { cacheFolder } from '../runtime/node/drivers.ts';
import { UsageError, UserError } from './exit.ts';
import { packageRoot } from './package-root.ts';
import { talk } from './streams.ts';
import { writeFiles } from './write-files.ts';

/** The adapter at hand, as a name among those of devices. */
export const THIS_DEVICE = 'this';

const folder = (): string => join(cacheFolder(), 'devices');

/** A name as one types it: `RTX 4090` is `rtx-4090`. */
export const shortName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

function fileOf(identity: AdapterIdentity): string {
  const key = createHash('sha256').update(identityKey(identity)).digest('hex').slice(0, 12);
  const name = shortName(identity.device || identity.description || 'adapter').slice(0, 60);
  return join(folder(), `${name}-${key}.json`);
}

/** Keeps a profile for its adapter and driver, in place of an older one; gives the file. */
export async function storeProfile(profile: MeasuredProfile): Promise<string> {
  const file = fileOf(profile.adapter);
  await writeFiles(new Map([[file, [profileBytes(profile)]]]));
  return file;
}

export const profileBytes = (profile: DeviceProfile): Uint8Array =>
  Buffer.from(`${JSON.stringify(profile, null, 2)}\n`);

/** What has been measured on this machine, the newest first. A file that is damaged is named on stderr and ignored. */
export function storedProfiles(): MeasuredProfile[] {
  if (!existsSync(folder())) return [];
  const files = readdirSync(folder()).filter((name) => /^[^.].*\.json$/.test(name));
  return files
    .flatMap((name) => storedProfile(join(folder(), name)) ?? [])
    .sort((a, b) => (a.date < b.date ? 1 : -1));
}

function storedProfile(file: string): MeasuredProfile | undefined {
  if (!existsSync(file)) return undefined;
  const read = readProfile(file, measuredProfileSchema);
  if ('profile' in read) return read.profile;
  talk(`note: ${file} is damaged and ignored (${read.why}). To measure again: bform probe`);
  return undefined;
}

function readProfile<Profile>(
  file: string,
  schema: { parse(value: unknown): Profile },
): { profile: Profile } | { why: string } {
  try {
    return { profile: schema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
  } catch (error) {
    return { why: reasonOf(error as Error) };
  }
}

/** In one line: the first of zod's issues with its place, or what the error says. */
function reasonOf(error: Error): string {
  const { issues } = error as { issues?: readonly { path: PropertyKey[]; message: string }[] };
  const first = issues?.[0];
  if (!first) return error.message;
  return first.path.length > 0 ? `${first.path.join('.')}: ${first.message}` : first.message;
}

/** Of some common GPUs, from public data sheets. */
export function shippedProfiles(): DataSheetProfile[] {
  const file = join(packageRoot(), 'devices', 'data-sheets.json');
  return dataSheetProfileSchema.array().parse(JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * The profile that an option's value names: `this`, a file, or a name of `bform probe --list`.
 * @throws {UsageError} where there is no such device
 * @throws {UserError} where this adapter has not been measured, or the file is no profile
 * @throws {AdapterError} for `this` where there is no adapter
 */
export async function resolveDevice(name: string): Promise<DeviceProfile> {
  if (name === THIS_DEVICE) return thisDevice();
  if (/[\\/]|\.json$/i.test(name)) return profileFile(name);
  const known = [...storedProfiles(), ...shippedProfiles()];
  const wanted = shortName(name);
  const found = known.find((profile) => shortName(profile.name) === wanted);
  if (found) return found;
  const near = suggest(wanted, [THIS_DEVICE, ...known.map((profile) => shortName(profile.name))]);
  throw new UsageError(
    `There is no device ${name}. ${near ? `Did you mean ${near}?` : 'To list them: bform probe --list'}`,
  );
}

async function thisDevice(): Promise<MeasuredProfile> {
  const found = await measuredHere();
  if (found.profile) return found.profile;
  throw new UserError(
    `The adapter ${found.name} has not been measured yet. To measure it: bform probe`,
  );
}

/**
 * The adapter at hand, by its name, with its stored profile where it has been measured.
 * @throws {AdapterError} where there is no adapter
 */
export async function measuredHere(): Promise<{ name: string; profile?: MeasuredProfile }> {
  const { info } = await findAdapter();
  const identity = identityOf(info);
  const name = identity.device || identity.description || 'here';
  const profile = storedProfile(fileOf(identity));
  const isSame = profile && identityKey(profile.adapter) === identityKey(identity);
  return { name, ...(isSame && { profile }) };
}

function profileFile(file: string): DeviceProfile {
  if (!existsSync(file)) throw new UserError(`There is no file ${file}.`);
  const read = readProfile(file, deviceProfileSchema);
  if ('profile' in read) return read.profile;
  throw new UserError(`${file} is no device profile: ${read.why}`);
}
