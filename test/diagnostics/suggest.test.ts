import { describe, expect, it } from 'vitest';
import { suggest } from '../../compiler/diagnostics/suggest.ts';

describe('did you mean', () => {
  const names = ['layer', 'block', 'model', 'hidden', 'layer_norm', 'rms_norm', 'd', 'k'];

  it.each([
    ['lyer', 'layer'],
    ['alyer', 'layer'],
    ['layre', 'layer'],
    ['hiden', 'hidden'],
    ['Hidden', 'hidden'],
    ['LAYER', 'layer'],
    ['rmsnorm', 'rms_norm'],
    ['layernrom', 'layer_norm'],
    ['modle', 'model'],
  ])('%s: %s', (name, wanted) => {
    expect(suggest(name, names)).toBe(wanted);
  });

  it.each(['attention', 'xyz', 'hi', '', 'norm'])('nothing like %j', (name) => {
    expect(suggest(name, names)).toBeUndefined();
  });

  it('never the name itself, and the first of equals', () => {
    expect(suggest('layer', ['layer'])).toBeUndefined();
    expect(suggest('cat', ['bat', 'rat'])).toBe('bat');
  });

  it('takes no time over names of a megabyte', () => {
    const long = 'a'.repeat(1_000_000);
    expect(suggest(long, [`${long}b`])).toBeUndefined();
    expect(suggest('abc', [long])).toBeUndefined();
  });
});
