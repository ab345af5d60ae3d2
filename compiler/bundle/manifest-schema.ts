// The manifest's format as JSON Schema, for readers other than the runtime. Published as runtime/manifest.schema.json.
import { z } from 'zod';
import { MANIFEST_VERSION, manifestSchema } from '../../runtime/manifest.ts';

export function manifestJsonSchema(): object {
  const schema = z.toJSONSchema(manifestSchema);
  const title = `Manifest of a bform bundle, version ${MANIFEST_VERSION}`;
  return { title, ...schema };
}
