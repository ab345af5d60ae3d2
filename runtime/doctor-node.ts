// Finds out whether bform can work on this machine, and says how to mend what cannot: Node, Dawn, each driver tried in a
// child process, the driver in use, the cache folder. Changes nothing. `bform doctor` prints it.
import { aptSystem, lavapipeCommand } from './node/apt.ts';
import {
  cacheFolder,
  type DriverChoice,
  dawnPackage,
  kindOf,
  recordedChoice,
  softwareDrivers,
} from './node/drivers.ts';
import { type ProbeResult, probe } from './node/probe.ts';

const MINIMUM_NODE = [20, 19] as const;
const SET_UP = 'npm run setup -- --again';

export interface DoctorReport {
  readonly node: { readonly version: string; readonly ok: boolean };
  readonly platform: string;
  /** The npm package `webgpu`, which holds Dawn. */
  readonly dawn: { readonly version: string | undefined };
  readonly adapters: readonly {
    /** The driver's manifest, or what else it was found by. */
    readonly driver: string;
    readonly result: ProbeResult;
  }[];
  /** What `openDevice` will use. */
  readonly chosen: { readonly driver: string; readonly why: string; readonly works: boolean };
  readonly cacheFolder: string;
  readonly problems: readonly { readonly what: string; readonly command: string }[];
  /** True where an adapter works; the exit code of `bform doctor` is 0 then, else 1. */
  readonly ok: boolean;
}

const SYSTEM = "the system's own";

/** Takes a few seconds: every driver is tried. Never throws. */
export async function diagnose(): Promise<DoctorReport> {
  const chosen = choiceInUse();
  const recorded = recordedChoice();
  const candidates = [undefined, ...softwareDrivers()];
  if (chosen.icd && !candidates.some((driver) => driver?.icd === chosen.icd))
    candidates.push(chosen);
  const adapters: { driver: string; result: ProbeResult }[] = [];
  // One at a time: drivers that start together on few cores time out together.
  for (const driver of candidates) {
    const loader = recorded?.loader;
    const result = await probe(loader ? { kind: 'gpu', ...driver, loader } : driver);
    adapters.push({ driver: driver?.icd ?? SYSTEM, result });
  }
  const chosenDriver = chosen.icd ?? SYSTEM;
  const works = adapters.find(({ driver }) => driver === chosenDriver)?.result.works ?? false;
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const facts = {
    node: { version, ok: major > MINIMUM_NODE[0] || (major === 20 && minor >= MINIMUM_NODE[1]) },
    platform: `${process.platform} ${process.arch}`,
    dawn: { version: dawnPackage()?.version },
    adapters,
    chosen: { driver: chosenDriver, why: chosen.why, works },
    cacheFolder: cacheFolder(),
  };
  return { ...facts, problems: problemsOf(facts), ok: works };
}

/** The variable by which the user chooses a driver, if one is set. */
function driverVariable(): 'VK_DRIVER_FILES' | 'VK_ICD_FILENAMES' | undefined {
  if (process.env.VK_DRIVER_FILES) return 'VK_DRIVER_FILES';
  return process.env.VK_ICD_FILENAMES ? 'VK_ICD_FILENAMES' : undefined;
}

function choiceInUse(): DriverChoice {
  const variable = driverVariable();
  const icd = variable && process.env[variable];
  if (icd) return { kind: kindOf(icd), icd, why: `${variable} is set.` };
  return recordedChoice() ?? { kind: 'gpu', why: 'no set-up has chosen one yet.' };
}

function problemsOf(facts: Omit<DoctorReport, 'problems' | 'ok'>): DoctorReport['problems'] {
  const problems: { what: string; command: string }[] = [];
  if (!facts.node.ok)
    problems.push({
      what: `Node ${facts.node.version} is older than ${MINIMUM_NODE.join('.')}`,
      command: 'nvm install 20',
    });
  if (!facts.dawn.version)
    problems.push({ what: 'the npm package webgpu (Dawn) is not installed', command: 'npm ci' });
  const working = facts.adapters.filter(({ result }) => result.works);
  const variable = driverVariable();
  if (!facts.chosen.works && facts.dawn.version)
    problems.push({
      what:
        working.length > 0
          ? `the driver in use, ${facts.chosen.driver}, does not work`
          : 'no adapter works with Dawn',
      command: variable ? `unset ${variable}` : SET_UP,
    });
  const apt = aptSystem();
  const software = facts.adapters.every(({ result }) => !result.works || result.adapter.software);
  const lavapipe = working.some(({ driver }) => kindOf(driver) === 'lavapipe');
  if (apt && software && !lavapipe && facts.dawn.version)
    problems.push({
      what: 'lavapipe, the fastest software driver, is not installed',
      command: `${lavapipeCommand(apt)} && ${SET_UP}`,
    });
  return problems;
}

const SHOWN_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
];

/** The report as lines of plain text for a terminal. */
export function formatDoctor(report: DoctorReport): string {
  const { node, dawn, chosen } = report;
  const lines = [
    `Node      ${node.version}${node.ok ? '' : ' (too old)'}`,
    `Platform  ${report.platform}`,
    `Dawn      ${dawn.version ? `webgpu ${dawn.version}` : 'not installed'}`,
    `Cache     ${report.cacheFolder}`,
    `Driver    ${chosen.driver}: ${chosen.why}${chosen.works ? '' : ' It does not work.'}`,
    '',
    'Adapters',
  ];
  for (const { driver, result } of report.adapters) {
    if (!result.works) {
      lines.push(`  ${driver}`, `    does not work: ${result.why}`);
      continue;
    }
    const { description, software, features, limits } = result.adapter;
    lines.push(`  ${driver}`, `    ${description} (${software ? 'software' : 'GPU'})`);
    for (const name of SHOWN_LIMITS) lines.push(`    ${name} ${limits[name] ?? 'unknown'}`);
    lines.push(`    features ${features.join(', ') || 'none'}`);
  }
  for (const { what, command } of report.problems)
    lines.push('', `${what}. To mend it:`, `  ${command}`);
  lines.push('', report.ok ? 'An adapter works: bform can run models here.' : 'No adapter works.');
  return `${lines.join('\n')}\n`;
}
