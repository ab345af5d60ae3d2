// How the runtime becomes one file that needs nothing but Node and the package `webgpu`.
import { join } from 'node:path';

/** Options for esbuild's `build`, for a module with all that it imports. */
export const SINGLE_FILE = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'inline',
  logLevel: 'warning',
};

/** The runtime's, all but `outfile`. `root` is the project's folder. */
export const standaloneOptions = (root) => ({
  ...SINGLE_FILE,
  entryPoints: [join(root, 'runtime', 'index.ts')],
  external: ['webgpu'],
});
