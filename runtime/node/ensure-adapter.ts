// Makes sure that Dawn has an adapter, once: a GPU where there is one, else lavapipe, else SwiftShader; records the
// choice for `openDevice`. Each candidate is tried by running a kernel on it before it is believed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { aptSystem, installLavapipe, isRoot } from './apt.ts';
import {
  type Driver,
  type DriverChoice,
  kindOf,
  recordChoice,
  recordedChoice,
  softwareDrivers,
  swiftShaderFolder,
} from './drivers.ts';
import { probe } from './probe.ts';
import { fetchSwiftShader } from './swiftshader.ts';

type Say = (line: string) => void;

const NAMES = { gpu: 'the GPU', lavapipe: 'lavapipe', swiftshader: 'SwiftShader' } as const;

export interface EnsureOptions {
  /** Told what goes on, a line at a time. */
  readonly say?: Say;
  /** Look again even where a choice is recorded. */
  readonly again?: boolean;
}

/** The driver in use from now on. Throws `Error` that lists what was tried where no adapter can be had. */
export async function ensureAdapter(options: EnsureOptions = {}): Promise<DriverChoice> {
  const { say = () => {}, again = false } = options;
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const icd = VK_DRIVER_FILES || VK_ICD_FILENAMES;
  if (icd) {
    say(`Adapter: ${icd}, because the environment says so.`);
    return { kind: kindOf(icd), icd, why: 'the environment says so' };
  }
  const recorded = again ? undefined : recordedChoice();
  const choice = recorded ?? (await choose(say));
  if (!recorded) recordChoice(choice);
  say(`Adapter: ${choice.why}`);
  return choice;
}

async function choose(say: Say): Promise<DriverChoice> {
  const failures: string[] = [];
  const system = await probe();
  if (system.works && !system.adapter.software)
    return { kind: 'gpu', why: `${system.adapter.description}, a real GPU.` };
  if (!system.works) failures.push(`the system's own drivers: ${system.why}`);

  for (const obtain of [obtainLavapipe, obtainSwiftShader]) {
    const driver = await obtain(say).catch((error: Error) => error);
    if (!(driver instanceof Error))
      return { ...driver, why: `${NAMES[driver.kind]}, a software driver: ${reason(failures)}` };
    failures.push(driver.message);
  }
  throw new Error(`Dawn has no adapter.\n${failures.map((line) => `  - ${line}`).join('\n')}`);
}

const reason = (failures: readonly string[]): string => {
  const last = failures.at(-1);
  return last && !last.startsWith('the system')
    ? `there is no GPU, and ${last}.`
    : 'there is no GPU here.';
};

/** lavapipe that works, installed if need be and allowed. Throws `Error`. */
export async function obtainLavapipe(say: Say): Promise<Driver> {
  const present = await firstWorking(softwareDrivers().filter(({ kind }) => kind === 'lavapipe'));
  if (present) return present;
  const apt = aptSystem();
  if (!apt) throw new Error('lavapipe is not here and there is no apt to install it');
  if (!isRoot()) throw new Error('lavapipe needs root to be installed');
  say(`Installing lavapipe with apt on ${apt.name} ...`);
  await installLavapipe(apt);
  const installed = await firstWorking(softwareDrivers().filter(({ kind }) => kind === 'lavapipe'));
  if (!installed) throw new Error('the lavapipe that apt installs does not work with Dawn');
  return installed;
}

/** SwiftShader that works, fetched if need be. Throws `Error`. */
export async function obtainSwiftShader(say: Say): Promise<Driver> {
  const present = await firstWorking(swiftShaders());
  if (present) return present;
  say('Fetching SwiftShader with npm ...');
  await fetchSwiftShader();
  const fetched = await firstWorking(swiftShaders());
  if (!fetched) throw new Error('the SwiftShader that npm fetches does not work with Dawn');
  return fetched;
}

/** Each with the system's Vulkan loader first, then with the one that came along. */
function swiftShaders(): Driver[] {
  const drivers = softwareDrivers().filter(({ kind }) => kind === 'swiftshader');
  const loader = join(swiftShaderFolder(), 'libvulkan.so.1');
  if (!existsSync(loader)) return drivers;
  return [...drivers, ...drivers.map((driver) => ({ ...driver, loader }))];
}

async function firstWorking(drivers: readonly Driver[]): Promise<Driver | undefined> {
  for (const driver of drivers) if ((await probe(driver)).works) return driver;
  return undefined;
}
