// bform init: a project whose README tells the truth, and nothing of the user's that is replaced.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageName } from '../../cli/commands/init.ts';
import { packageVersion } from '../../cli/package-root.ts';
import { bform, main, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const FILES = ['.gitignore', 'README.md', 'inputs.json', 'model.bform', 'package.json'];

describe('a new project', () => {
  const project = at('My Model');
  beforeAll(async () => {
    const { code, stdout, stderr } = await bform(['init', 'My Model'], { cwd: folder });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('My Model/model.bform\n');
    expect(stdout).toContain('  cd My Model\n');
    // As npm would install it.
    mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
    symlinkSync(main, join(project, 'node_modules', '.bin', 'bform'));
  });
  const run = (line: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
      cwd: project,
      encoding: 'utf8',
      env: { ...process.env, npm_config_offline: 'true' },
    });
    return { line, status, stdout, stderr };
  };

  it('has its files, and a name that npm takes', () => {
    expect(readdirSync(project).sort()).toEqual([...FILES, 'node_modules'].sort());
    const { name, dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect([name, dependencies]).toEqual(['my-model', { bform: packageVersion() }]);
    for (const file of FILES) expect(readFileSync(join(project, file), 'utf8')).not.toContain('{{');
  });

  it('does what its README says, line by line', () => {
    const readme = readFileSync(join(project, 'README.md'), 'utf8');
    const lines = Array.from(readme.matchAll(/```sh\n(.*?)```/gs), ([, text]) => text!.trim())
      .join('\n')
      .split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const line of lines) expect(run(line)).toMatchObject({ line, status: 0 });
    const { logits } = JSON.parse(readFileSync(join(project, 'outputs.json'), 'utf8'));
    expect([logits.length, logits[0].length, logits[0][0].length]).toEqual([1, 5, 256]);
    const ignored = readFileSync(join(project, '.gitignore'), 'utf8').trim().split('\n');
    for (const made of ['bundle/', 'outputs.json']) expect(ignored).toContain(made);
  });

  it('has scripts that do the same', () => {
    const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    const readme = readFileSync(join(project, 'README.md'), 'utf8');
    for (const name of ['check', 'report', 'compile', 'run'])
      expect(readme).toContain(`npx ${scripts[name]}`);
    expect(run('npm run check')).toMatchObject({ status: 0 });
  });

  it('has a model in the standard layout', () => {
    expect(run('npx bform fmt --check')).toMatchObject({ status: 0 });
  });

  it('is not written over', async () => {
    const model = join(project, 'model.bform');
    writeFileSync(model, 'mine');
    const { code, stdout, stderr } = await bform(['init', project]);
    expect([code, stdout]).toEqual([1, '']);
    for (const file of FILES) expect(stderr).toContain(file);
    expect(readFileSync(model, 'utf8')).toBe('mine');
  });
});

describe('bform init', () => {
  it('adds to a folder that has other files, by default the current one', async () => {
    mkdirSync(at('other'));
    writeFileSync(at('other', 'notes.txt'), 'mine');
    const { code, stdout } = await bform(['init', '--json'], { cwd: at('other') });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ folder: '.', files: expect.arrayContaining(FILES) });
    expect(readdirSync(at('other')).sort()).toEqual([...FILES, 'notes.txt'].sort());
  });

  it('writes nothing where one of its files is there', async () => {
    mkdirSync(at('half'));
    symlinkSync('nowhere', at('half', 'package.json'));
    const { code, stderr } = await bform(['init', at('half')]);
    expect(code).toBe(1);
    expect(stderr).toContain('already has package.json. Nothing was written');
    expect(readdirSync(at('half'))).toEqual(['package.json']);
  });

  it('takes no file for a folder', async () => {
    writeFileSync(at('file'), '');
    const { code, stderr } = await bform(['init', at('file')]);
    expect([code, stderr]).toEqual([
      1,
      `error: ${at('file')} is there already and is no folder.\n`,
    ]);
    expect(existsSync(at('file', 'model.bform'))).toBe(false);
  });

  it.each([
    ['My Model', 'my-model'],
    ['.hidden', 'hidden'],
    ['naïve_Größe', 'naive_gro-e'],
    ['@scope/x', 'scope-x'],
    ['bform', 'bform-model'],
    ['node_modules', 'node_modules-model'],
    ['模型', 'my-model'],
    ['---', 'my-model'],
    ['x'.repeat(300), 'x'.repeat(100)],
  ])('makes of the folder %j the package %j', (name, made) => {
    expect(packageName(name)).toBe(made);
  });
});
