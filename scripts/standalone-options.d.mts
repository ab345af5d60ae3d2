import type { BuildOptions } from 'esbuild';
export declare function standaloneOptions(root: string): BuildOptions;
