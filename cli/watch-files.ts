// Tells when one of some files is saved, replaced, removed or made. Editors write in many ways, so the folders are
// watched and not the files, and what counts is whether a file's facts differ; where a system tells nothing, a look at
// the files now and then finds it.
import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Saving may take several steps: they are waited for, but not for long. */
const SETTLE_MS = 20;
const LONGEST_SETTLE_MS = 100;
const LOOK_MS = 1000;

export interface FileWatch {
  /** Which files count from now on; those that are not there too. */
  follow(paths: Iterable<string>): void;
  close(): void;
}

export function watchFiles(onChange: () => void): FileWatch {
  /** Each path with its facts when they were last looked at. */
  let known = new Map<string, string>();
  const folders = new Map<string, { readonly watcher: FSWatcher; readonly facts: string }>();
  let timer: NodeJS.Timeout | undefined;
  let firstEvent: number | undefined;

  const look = () => {
    clearTimeout(timer);
    firstEvent = undefined;
    const now = new Map([...known.keys()].map((path) => [path, factsOf(path)]));
    const isChanged = [...now].some(([path, facts]) => known.get(path) !== facts);
    known = now;
    watchFolders();
    if (isChanged) onChange();
  };
  const lookSoon = () => {
    firstEvent ??= performance.now();
    const longest = firstEvent + LONGEST_SETTLE_MS - performance.now();
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, Math.min(SETTLE_MS, longest)));
  };

  /** A folder that was removed and made again is another one. */
  const watchFolders = () => {
    const wanted = new Set([...known.keys()].flatMap(foldersOf));
    for (const [folder, { watcher, facts }] of folders) {
      if (wanted.has(folder) && identityOf(folder) === facts) continue;
      watcher.close();
      folders.delete(folder);
    }
    for (const folder of wanted) {
      if (folders.has(folder)) continue;
      try {
        const watcher = watch(folder, lookSoon).on('error', () => watcher.close());
        folders.set(folder, { watcher, facts: identityOf(folder) });
      } catch {
        // Too many watches, or a folder just removed: the look now and then has to do.
      }
    }
  };

  const interval = setInterval(look, LOOK_MS);
  return {
    follow(paths) {
      known = new Map(Array.from(paths, (path) => [path, known.get(path) ?? factsOf(path)]));
      watchFolders();
    },
    close() {
      clearInterval(interval);
      clearTimeout(timer);
      for (const { watcher } of folders.values()) watcher.close();
    },
  };
}

function factsOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? [stat.ino, stat.size, stat.mtimeNs].join(' ') : 'absent';
}

function identityOf(folder: string): string {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat ? `${stat.dev} ${stat.ino}` : 'absent';
}

/** Where changes of the file are seen: its folder, or the nearest above that is there; of a link, also where it leads. */
function foldersOf(path: string): string[] {
  let folder = dirname(path);
  while (identityOf(folder) === 'absent' && dirname(folder) !== folder) folder = dirname(folder);
  try {
    return [folder, dirname(realpathSync(path))];
  } catch {
    return [folder];
  }
}
