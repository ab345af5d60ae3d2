// Installs lavapipe, Mesa's Vulkan driver for processors, through apt on Debian and Ubuntu. Debian 12 has too old a
// Mesa: there it comes from bookworm-backports, on the mirror that the machine already uses.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = ['mesa-vulkan-drivers', 'libvulkan1'];
const BACKPORTS = 'bookworm-backports';
const BACKPORTS_FILE = '/etc/apt/sources.list.d/bform-backports.list';
const APT_MILLISECONDS = 600_000;

export interface AptSystem {
  readonly name: string;
  /** The stock Mesa is too old for Dawn. */
  readonly backports: boolean;
}

/** What /etc/os-release says, as far as apt matters; `undefined` where there is no apt. */
export function aptSystem(): AptSystem | undefined {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return undefined;
  const text = readFileSync('/etc/os-release', 'utf8');
  const field = (key: string) => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  return {
    name: field('PRETTY_NAME'),
    backports: field('ID') === 'debian' && field('VERSION_ID') === '12',
  };
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The command that a user would type to install lavapipe. */
export function lavapipeCommand({ backports }: AptSystem): string {
  const install = `apt-get update && apt-get install -y ${backports ? `-t ${BACKPORTS} ` : ''}${PACKAGES.join(' ')}`;
  const line = backports && backportsLine(configuredSources());
  const addSource = line ? `echo '${line}' > ${BACKPORTS_FILE} && ` : '';
  return isRoot() ? addSource + install : `sudo sh -c ${JSON.stringify(addSource + install)}`;
}

/** Needs root. Throws `Error` with apt's last words where it fails; the sources are then as they were. */
export async function installLavapipe({ backports }: AptSystem): Promise<void> {
  const added = backports && backportsLine(configuredSources());
  if (added) writeFileSync(BACKPORTS_FILE, `${added}\n`);
  try {
    await aptGet('update');
    const from = backports ? ['-t', BACKPORTS] : [];
    await aptGet('install', '-y', '--no-install-recommends', ...from, ...PACKAGES);
  } catch (error) {
    if (added) rmSync(BACKPORTS_FILE, { force: true });
    throw error;
  }
}

export interface AptSource {
  readonly mirror: string;
  readonly suite: string;
  /** `signed-by=/usr/share/keyrings/...`, as the one-line format has it. */
  readonly options: string;
}

/** The source that is missing for backports, on the machine's own mirror; `undefined` where it is there already. */
export function backportsLine(sources: readonly AptSource[]): string | undefined {
  const main = sources.find(({ suite }) => suite === 'bookworm' || suite === 'stable');
  if (!main || sources.some(({ suite }) => suite === BACKPORTS)) return undefined;
  return `deb ${main.options ? `[${main.options}] ` : ''}${main.mirror} ${BACKPORTS} main`;
}

function configuredSources(): AptSource[] {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ].filter((path) => existsSync(path));
  return files.flatMap((path) => {
    if (path.endsWith('.sources')) return parseDeb822(readFileSync(path, 'utf8'));
    return path.endsWith('.list') ? parseOneLine(readFileSync(path, 'utf8')) : [];
  });
}

/** `deb [signed-by=...] http://mirror/debian bookworm main` */
export function parseOneLine(text: string): AptSource[] {
  const lines = text.matchAll(/^[ \t]*deb[ \t]+(?:\[([^\]\n]*)\][ \t]+)?(\S+)[ \t]+(\S+)/gm);
  return Array.from(lines, ([, options, mirror, suite]) => ({
    mirror: mirror!,
    suite: suite!,
    options: options?.trim() ?? '',
  }));
}

/** Stanzas of `Types: deb`, `URIs: ...`, `Suites: ...`, `Signed-By: path`. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const field = (key: string) =>
      new RegExp(`^${key}:[ \t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return [];
    const [key] = field('Signed-By');
    const options = key?.startsWith('/') ? `signed-by=${key}` : '';
    return field('URIs').flatMap((mirror) =>
      field('Suites').map((suite) => ({ mirror, suite, options })),
    );
  });
}

function aptGet(...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: APT_MILLISECONDS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-4000);
      });
    child.on('error', reject);
    child.on('close', (code) => {
      const failed = code !== 0 || (args[0] === 'update' && /^E: /m.test(output));
      const lastWords = output.trim().split('\n').at(-1);
      if (failed) reject(new Error(`apt-get ${args[0]} failed: ${lastWords}`));
      else resolve();
    });
  });
}
