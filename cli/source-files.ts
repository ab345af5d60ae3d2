// The .bform files that paths name: files as they are, folders with all in them. Reads no file.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './exit.ts';

/**
 * Each file once, in the order of the paths; those of a folder by name. Not searched: folders called `node_modules`, those
 * whose names begin with a point, and links.
 * @throws {UserError} where a path leads nowhere, or to a folder that holds no .bform file.
 */
export function sourceFiles(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) throw new UserError(`There is no file or folder ${path}.`);
    if (!stat.isDirectory()) return [path];
    const files = filesBelow(path);
    if (files.length === 0) throw new UserError(`There are no .bform files in ${path}.`);
    return files;
  });
  return [...new Set(found)];
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    const isSearched = !entry.name.startsWith('.') && entry.name !== 'node_modules';
    if (entry.isDirectory()) return isSearched ? filesBelow(path) : [];
    return entry.isFile() && entry.name.endsWith('.bform') ? [path] : [];
  });
}
