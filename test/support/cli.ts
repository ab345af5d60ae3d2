// Runs the built `bform` command as a process of its own, as its users do.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when the process has ended, however it ended. */
export async function bform(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  child.stdin.end(options.input ?? '');
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** The running process itself, for tests that interrupt it. */
export function start(args: readonly string[], { cwd = repository, env = {} }: RunOptions = {}) {
  return spawn(process.execPath, [built(), ...args], { cwd, stdio: 'pipe', env: plainEnv(env) });
}

/** A process on a terminal of 80 columns, made by `script` of util-linux; what stdout and stderr show comes as one. */
export function onTerminal(
  args: readonly string[],
  { cwd = repository, env = {} }: RunOptions = {},
) {
  const words = [process.execPath, built(), ...args].map(
    (word) => `'${word.replaceAll("'", "'\\''")}'`,
  );
  const line = `stty cols 80 rows 24; exec ${words.join(' ')}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd,
    stdio: 'pipe',
    env: plainEnv({ TERM: 'xterm', ...env }),
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen += text;
  });
  const ended = new Promise<{ code: number | null; screen: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, screen })),
  );
  return { ended, screen: () => screen, type: (keys: string) => child.stdin.write(keys) };
}

function built(): string {
  if (!existsSync(main)) throw new Error('dist/ is not built: npm run build');
  return main;
}

/** Without what the test runner says of colours. */
function plainEnv(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...env } = process.env;
  return { ...env, ...more };
}

/** The environment of a process that runs this script before all else: something in it is broken. */
export function fault(script: string): Record<string, string> {
  const file = join(mkdtempSync(join(tmpdir(), 'bform-fault-')), 'fault.mjs');
  writeFileSync(file, script);
  onTestFinished(() => rmSync(dirname(file), { recursive: true, force: true }));
  return { NODE_OPTIONS: `--import=${pathToFileURL(file)}` };
}

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bform-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
