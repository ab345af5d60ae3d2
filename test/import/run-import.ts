// An imported folder compiled and opened on the tests' device, without files in between.

import { importFolder } from '../../cli/import/import-folder.ts';
import { languageModel } from '../../cli/language-model.ts';
import { sourceReader } from '../../cli/source-reader.ts';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { kernelFiles } from '../../compiler/bundle/emit-bundle.ts';
import { compile } from '../../compiler/compile.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { openSession, type Session } from '../../runtime/session.ts';
import { gpuDevice } from '../support/gpu.ts';

/** Throws with the diagnostics where the imported model does not compile. Dispose the session. */
export async function runImport(folder: string) {
  const { source, weights, tokenizer } = importFolder(folder);
  const reader = { ...sourceReader(folder), read: () => source };
  const { diagnostics, result } = compile('model.bform', reader);
  if (!result) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  const built = await buildManifest(result, tokenizer?.text);
  const session: Session = await openSession(
    await gpuDevice(),
    { ...built, files: {} },
    {
      kernels: kernelFiles(result),
      weights: new Map([...weights].map(([name, { data }]) => [name, data])),
    },
  );
  return { session, model: languageModel(session), tokenizer };
}
