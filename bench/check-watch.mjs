// Milliseconds from saving an example to the result of `bform check --watch`. Needs `npm run build`.
//
//   node bench/check-watch.mjs [SAVES]
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const saves = Number(process.argv[2] ?? 20);

for (const example of readdirSync(join(root, 'examples'))) {
  if (!existsSync(join(root, 'examples', example, 'model.bform'))) continue;
  const folder = mkdtempSync(join(tmpdir(), 'bform-watch-'));
  const file = join(folder, 'model.bform');
  cpSync(join(root, 'examples', example, 'model.bform'), file);
  const text = readFileSync(file, 'utf8');
  const args = [join(root, 'dist/cli/main.js'), 'check', file, '--watch', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (part) => {
    lines += part.split('\n').length - 1;
  });
  const checked = async (count) => {
    while (lines < count) await sleep(1);
  };
  await checked(1);
  const times = [];
  for (let save = 0; save < saves; save++) {
    await sleep(100);
    const before = lines;
    const start = performance.now();
    writeFileSync(file, `${text}// ${save}\n`);
    await checked(before + 1);
    times.push(performance.now() - start);
  }
  child.kill('SIGINT');
  rmSync(folder, { recursive: true });
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(0).padStart(4);
  console.log(`${example.padEnd(16)} median ${at(0.5)} ms, most ${at(1)} ms, least ${at(0)} ms`);
}
