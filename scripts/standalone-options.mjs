// How the runtime becomes one file that needs nothing but Node and the package `webgpu`.
import { join } from 'node:path';

/** Options for esbuild's `build`, all but `outfile`. `root` is the project's folder. */
export const standaloneOptions = (root) => ({
  entryPoints: [join(root, 'runtime', 'index.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['webgpu'],
  legalComments: 'inline',
  logLevel: 'warning',
});
