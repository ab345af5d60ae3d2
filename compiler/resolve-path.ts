// Where a relative path in a `use` leads: a path from the root, with no way out of it.
// Text only; whether there is such a file is the reader's answer.

export interface PathProblem {
  /** Completes the sentence that begins with the path. */
  readonly problem: string;
  readonly hint: string;
}

const LONGEST = 1024;

export const isProblem = (path: string | PathProblem): path is PathProblem =>
  typeof path !== 'string';

/** The path from the root of what `path` says in the file `from`, or why it is not allowed. */
export function resolvePath(from: string, path: string): string | PathProblem {
  const no = (problem: string, hint = 'write it like `"./mixers.bform"`'): PathProblem => ({
    problem,
    hint,
  });
  if (path.length > LONGEST) return no('is too long');
  if (Array.from(path).some(isControl)) return no('holds a character that no path should');
  if (path.includes('\\')) return no('has backslashes', 'paths have forward slashes everywhere');
  if (path.includes(':')) return no('is not relative');
  if (!/^\.\.?\//.test(path)) return no('does not start with `./` or `../`');
  if (!path.endsWith('.bform')) return no('does not end in `.bform`');
  const parts = from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) {
      return no(
        'leads out of the project',
        'the project is the folder of the file that is compiled',
      );
    }
  }
  return parts.join('/');
}

const isControl = (character: string): boolean => /\p{C}/u.test(character);
