// Writes docs/performance.md from the JSON lines of a run: bench/results.jsonl, or the file that is given.
//
//   node bench/write-page.mjs [FILE]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeFiles } from '../dist/cli/write-files.js';
import { performancePage } from './performance-page.mjs';

/** Records in the order of the lines; a later one of the same workload and engine takes the place of an earlier one. */
export function readRecords(file) {
  const records = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const record = JSON.parse(line);
    records.set(`${record.workload} ${record.engine}`, record);
  }
  return [...records.values()];
}

export async function writePage(file) {
  const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
  const text = performancePage(readRecords(file));
  await writeFiles(new Map([[page, [new TextEncoder().encode(text)]]]));
  process.stderr.write('Written: docs/performance.md\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writePage(process.argv[2] ?? fileURLToPath(new URL('results.jsonl', import.meta.url)));
