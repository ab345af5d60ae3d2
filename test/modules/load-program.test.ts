// Loading: which file a `use` leads to, what each file sees, and every way in which that fails.
import { describe, expect, it } from 'vitest';
import { load } from '../../compiler/compile.ts';
import { LOAD_LIMITS } from '../../compiler/modules.ts';
import { sources } from '../support/sources.ts';

const layer = (name: string): string => `layer ${name} (x: [..]) -> [..] { x }\n`;

function loaded(files: Record<string, string>) {
  const { result, diagnostics } = load('main.bform', sources(files));
  return { program: result, messages: diagnostics.map((d) => `${d.code} ${d.message}`) };
}

describe('a file', () => {
  it('sees its own items and what it uses, under the names it gives', () => {
    const { program, messages } = loaded({
      'main.bform': `use std.{gelu}\nuse "./a/b.bform".{mine as yours}\n${layer('own')}`,
      'a/b.bform': layer('mine'),
    });
    expect(messages).toEqual([]);
    expect([...program!.entry.scope.keys()]).toEqual(['gelu', 'yours', 'own']);
    expect(program!.entry.scope.get('yours')?.module.file.path).toBe('a/b.bform');
  });

  it('loads only the files of the library that are used, each once', () => {
    const { program } = loaded({
      'main.bform': `use std.{ffn}\nuse "./b.bform".{b}\n${layer('own')}`,
      'b.bform': `use std.{gelu}\n${layer('b')}`,
    });
    const paths = program!.modules.map((module) => module.file.path);
    expect(paths).toEqual([
      'std/activations.bform',
      'std/linear.bform',
      'std/ffn.bform',
      'b.bform',
      'main.bform',
    ]);
  });

  it('reaches deeper files of the library by their path', () => {
    const { program, messages } = loaded({
      'main.bform': `use std.papers.gpt2.{gpt2}\n${layer('own')}`,
    });
    expect(messages).toEqual([]);
    expect(program!.entry.scope.get('gpt2')?.item.kind).toBe('model');
  });

  it('may stand in a folder called std without being taken for the library', () => {
    const { messages, program } = loaded({
      'main.bform': `use "./std/linear.bform".{mine}\nuse std.{linear}\n${layer('own')}`,
      'std/linear.bform': layer('mine'),
    });
    expect(messages).toEqual([]);
    expect(program!.entry.scope.get('mine')?.module.isStd).toBe(false);
  });

  it('climbs within the project, but not out of it', () => {
    const files = {
      'main.bform': `use "./a/b.bform".{b}\n${layer('own')}`,
      'a/b.bform': `use "../c.bform".{c}\n${layer('b')}`,
      'c.bform': layer('c'),
    };
    expect(loaded(files).messages).toEqual([]);
    const out = { ...files, 'a/b.bform': `use "../../c.bform".{c}\n${layer('b')}` };
    expect(loaded(out).messages).toEqual(['BF2002 `../../c.bform` leads out of the project']);
  });
});

describe('a path', () => {
  it.each([
    ['/etc/passwd.bform', 'does not start with'],
    ['C:/a.bform', 'is not relative'],
    ['a.bform', 'does not start with'],
    ['./a.txt', 'does not end in'],
    ['./a\\\\b.bform', 'has backslashes'],
    ['./a\u0007.bform', 'holds a character'],
    ['./a\u202e.bform', 'holds a character'],
    ['./../x.bform', 'leads out'],
    ['./a/../../x.bform', 'leads out'],
    [`./${'a'.repeat(2000)}.bform`, 'is too long'],
  ])('%.20j is refused', (path, why) => {
    const { messages } = loaded({ 'main.bform': `use "${path}".{a}\n${layer('own')}` });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(why);
    expect(messages[0]).toMatch(/^BF2002/);
  });
});

describe('a name', () => {
  it.each([
    ['declared twice', { 'main.bform': layer('a') + layer('a') }, ['BF2010 `a` is declared twice']],
    [
      'imported and declared',
      { 'main.bform': `use std.{gelu}\n${layer('gelu')}` },
      ['BF2010 `gelu` is declared twice'],
    ],
    [
      'imported twice',
      { 'main.bform': `use std.{gelu, silu as gelu}\n${layer('a')}` },
      ['BF2010 `gelu` is declared twice'],
    ],
    [
      'that is private',
      { 'main.bform': `use "./b.bform".{_b}\n${layer('a')}`, 'b.bform': layer('_b') },
      ['BF2006 `_b` is private to b.bform'],
    ],
    [
      'that a file only uses',
      {
        'main.bform': `use "./b.bform".{gelu}\n${layer('a')}`,
        'b.bform': `use std.{gelu}\n${layer('b')}`,
      },
      ['BF2004 b.bform declares no `gelu`'],
    ],
    [
      'that the library has not',
      { 'main.bform': `use std.{nonsense}\n${layer('a')}` },
      ['BF2004 the standard library has no `nonsense`'],
    ],
  ])('%s is a mistake', (_, files, expected) => {
    expect(loaded(files as Record<string, string>).messages).toEqual(expected);
  });

  it('of a file with syntax errors is no second mistake', () => {
    const { messages } = loaded({
      'main.bform': `use "./b.bform".{b}\n${layer('a')}`,
      'b.bform': 'layer b (x: [..]) -> [..] { x + }',
    });
    expect(messages.every((message) => message.startsWith('BF1'))).toBe(true);
    expect(messages).not.toEqual([]);
  });
});

describe('cycles and limits', () => {
  it('names the whole chain of files that use each other', () => {
    const { messages } = loaded({
      'main.bform': `use "./a.bform".{a}\n${layer('m')}`,
      'a.bform': `use "./b.bform".{b}\n${layer('a')}`,
      'b.bform': `use "./a.bform".{a}\n${layer('b')}`,
    });
    expect(messages).toEqual([
      'BF2003 files use each other in a cycle: a.bform -> b.bform -> a.bform',
    ]);
  });

  it('sees a file that uses itself', () => {
    expect(loaded({ 'main.bform': `use "./main.bform".{a as b}\n${layer('a')}` }).messages).toEqual(
      ['BF2003 files use each other in a cycle: main.bform -> main.bform'],
    );
  });

  it('takes files as deep as the limit and no deeper', () => {
    const chain = (length: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [
          i === 0 ? 'main.bform' : `f${i}.bform`,
          i + 1 < length
            ? `use "./f${i + 1}.bform".{l${i + 1}}\n${layer(`l${i}`)}`
            : layer(`l${i}`),
        ]),
      );
    expect(loaded(chain(LOAD_LIMITS.depth)).messages).toEqual([]);
    expect(loaded(chain(LOAD_LIMITS.depth + 1)).messages).toEqual([
      `BF2005 files use files more than ${LOAD_LIMITS.depth} deep`,
    ]);
  });

  it('takes as many files as the limit and no more', () => {
    const wide = (count: number): Record<string, string> => {
      const used = Array.from({ length: count - 1 }, (_, i) => i);
      const uses = used.map((i) => `use "./f${i}.bform".{l${i}}`).join('\n');
      return {
        'main.bform': `${uses}\n${layer('own')}`,
        ...Object.fromEntries(used.map((i) => [`f${i}.bform`, layer(`l${i}`)])),
      };
    };
    expect(loaded(wide(LOAD_LIMITS.files)).messages).toEqual([]);
    expect(loaded(wide(LOAD_LIMITS.files + 1)).messages).toEqual([
      `BF2005 the program has more than ${LOAD_LIMITS.files} files`,
    ]);
  });

  it('takes no more text than the limit in all', () => {
    const big = layer('a') + `// ${'x'.repeat(900)}\n`.repeat(1000);
    const files = Object.fromEntries(
      [1, 2, 3, 4, 5].map((i) => [`f${i}.bform`, big.replace('layer a', `layer l${i}`)]),
    );
    const uses = [1, 2, 3, 4, 5].map((i) => `use "./f${i}.bform".{l${i}}`).join('\n');
    expect(loaded({ 'main.bform': `${uses}\n${layer('own')}`, ...files }).messages).toEqual([
      'BF2005 the program has more than 4 MiB of source',
    ]);
  });

  it('says so when there is no entry', () => {
    expect(loaded({}).messages).toEqual(['BF2001 there is no file `main.bform`']);
  });
});
