import { describe, expect, it } from 'vitest';
import { CODES } from '../../compiler/diagnostics/codes.ts';

describe('the table of codes', () => {
  it.each(Object.entries(CODES))('%s has a title and says how to mend it', (code, entry) => {
    expect(code).toMatch(/^BF[1234]\d{3}$/);
    expect(entry.title).toMatch(/^[^A-Z.][^.]*(\.\.`?)?[^.]*$/);
    expect(entry.explanation).toMatch(/^.{40,}\.$/s);
  });

  it('has no title twice', () => {
    const titles = Object.values(CODES).map(({ title }) => title);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });
});
