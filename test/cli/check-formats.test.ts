// What bform check prints for code scanning and for GitHub: every diagnostic with its places, in the form that they take.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { githubCommands } from '../../cli/github-commands.ts';
import { sarifLog } from '../../cli/sarif.ts';
import { check } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { bform, repository } from '../support/cli.ts';
import { MISTAKES } from '../support/mistakes.ts';
import { sources } from '../support/sources.ts';

const wrong = 'examples/own-layer/wrong.bform';
const hello = 'examples/hello/model.bform';
const schema = JSON.parse(
  readFileSync(join(repository, 'test/golden/sarif-2.1.0.schema.json'), 'utf8'),
);
const isUri = (text: string) => URL.canParse(text, 'file:///');
const formats = { uri: URL.canParse, 'uri-reference': isUri, 'date-time': true } as const;
const validate = new Ajv({ strict: false, unicodeRegExp: false, formats }).compile(schema);
const faults = (log: unknown) => (validate(log) ? [] : validate.errors);

const file = { path: 'a b/50%,x:y.bform', text: 'one\ntwo three\n' };
const warning: Diagnostic = {
  code: 'BF1005',
  severity: 'warning',
  message: '100% wrong, or so\r\nit seems',
  span: { file, start: 4, end: 7 },
  related: [{ span: { file, start: 0, end: 3 }, message: 'the other side' }],
  hint: 'write it',
};
const acrossLines: Diagnostic = {
  ...warning,
  severity: 'error',
  span: { file, start: 0, end: 13 },
  related: [],
};

describe('SARIF', () => {
  it('is valid, with its places, related places and rules', async () => {
    const { code, stdout, stderr } = await bform(['check', wrong, '--format', 'sarif']);
    expect([code, stderr]).toEqual([1, '']);
    const log = JSON.parse(stdout);
    expect(faults(log)).toEqual([]);
    const [run] = log.runs;
    expect(run.results).toHaveLength(2);
    for (const { ruleId, ruleIndex, level } of run.results) {
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(level).toBe('error');
    }
    const place = run.results[0].locations[0].physicalLocation;
    expect(new URL(place.artifactLocation.uri, run.originalUriBaseIds.SRCROOT.uri).pathname).toBe(
      join(repository, wrong),
    );
    const lines = readFileSync(join(repository, wrong), 'utf8').split('\n');
    const { startLine, startColumn, endColumn } = place.region;
    expect(lines[startLine - 1]!.slice(startColumn - 1, endColumn - 1)).toBe('group_mixer(5)');
    expect(run.results[0].relatedLocations[0].message.text).toBe('the constraint');
    expect(run.results[1].message.text).toContain('Hint: did you mean `layer_norm`?');
  });

  it('of a file without mistakes has no results', async () => {
    const { code, stdout } = await bform(['check', hello, '--format', 'sarif']);
    const log = JSON.parse(stdout);
    expect([code, faults(log), log.runs[0].results]).toEqual([0, [], []]);
  });

  it('is valid for warnings, for odd paths and for all mistakes that people make', () => {
    const log = sarifLog(new Map([['/a folder', [warning, acrossLines]]])) as {
      runs: { results: { level: string }[] }[];
    };
    expect(faults(log)).toEqual([]);
    expect(log.runs[0]!.results.map(({ level }) => level)).toEqual(['warning', 'error']);
    for (const text of Object.values(MISTAKES).flat()) {
      const { diagnostics } = check('main.bform', sources({ 'main.bform': text }));
      expect(faults(sarifLog(new Map([['/x', diagnostics]])))).toEqual([]);
    }
  });

  it('names places in the standard library by where it is', () => {
    const stdlib = { path: 'std/attention.bform', text: 'x' };
    const log = sarifLog(
      new Map([['/x', [{ ...warning, span: { file: stdlib, start: 0, end: 1 } }]]]),
    );
    const text = JSON.stringify(log);
    expect(text).toContain('{"uri":"attention.bform","uriBaseId":"STDLIB"}');
    expect(text).toContain('"STDLIB":{"uri":"file://');
    expect(
      readFileSync(
        fileURLToPath(new URL('attention.bform', /"STDLIB":\{"uri":"([^"]+)"/.exec(text)![1])),
        'utf8',
      ),
    ).toContain('layer attention');
  });

  it('that is not valid is refused by these tests', () => {
    const log = JSON.parse(JSON.stringify(sarifLog(new Map([['/x', [warning]]]))));
    log.runs[0].results[0].level = 'fatal';
    expect(faults(log)).not.toEqual([]);
    delete log.runs[0].results[0].level;
    expect(faults(log)).toEqual([]);
    log.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0;
    expect(faults(log)).not.toEqual([]);
  });
});

describe('GitHub workflow commands', () => {
  it('are one line for each diagnostic, on stdout', async () => {
    const { code, stdout, stderr } = await bform(['check', wrong, '--format', 'github']);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toBe(
      `::error file=${wrong},line=18,endLine=18,col=16,endColumn=30,title=BF2025::\`group_mixer\` wants d %25 groups == 0, but d is 64 and groups is 5%0A${wrong}:7: the constraint
::error file=${wrong},line=18,endLine=18,col=34,endColumn=43,title=BF2011::nothing is called \`layernorm\` here%0Ahint: did you mean \`layer_norm\`?
`,
    );
    const right = await bform(['check', hello, '--format', 'github']);
    expect(right).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('name files from the folder that they are run in', async () => {
    const { stdout } = await bform(['check', join('..', wrong), '--format', 'github'], {
      cwd: join(repository, 'stdlib'),
    });
    expect(stdout).toMatch(/^::error file=\.\.\/examples\/own-layer\/wrong\.bform,line=18/);
  });

  it('escape what would end a message or a property', () => {
    const text = githubCommands([warning], (path) => path);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toMatch(
      /^::warning file=a b\/50%25%2Cx%3Ay\.bform,line=2,endLine=2,col=1,endColumn=4,title=BF1005::100%25 wrong, or so/,
    );
    expect(text).toContain('%0Aa b/50%25,x:y.bform:1: the other side%0Ahint: write it\n');
  });

  it('leave columns out where they are of different lines', () => {
    expect(githubCommands([acrossLines], (path) => path)).toContain(',line=1,endLine=2,title=');
  });
});
