// Checked by the type checker (npm run typecheck); vitest only runs it.
import { expectTypeOf, it } from 'vitest';
import type * as runtime from '../../runtime/index.ts';
import type * as standalone from '../../runtime/standalone.d.ts';

it('the types beside a standalone bundle are those of the runtime', () => {
  expectTypeOf<standalone.RunInput>().toEqualTypeOf<runtime.RunInput>();
  expectTypeOf<standalone.TensorInput>().toEqualTypeOf<runtime.TensorInput>();
  expectTypeOf<standalone.TensorOutput>().toEqualTypeOf<runtime.TensorOutput>();
  expectTypeOf<runtime.Session>().toExtend<standalone.Session>();
  expectTypeOf<standalone.LoadOptions>().toExtend<runtime.LoadOptions>();
  expectTypeOf<runtime.BformError>().toExtend<standalone.BformError>();
  expectTypeOf<typeof runtime.loadModel>().toExtend<typeof standalone.loadModel>();
  expectTypeOf<typeof runtime.openDevice>().toExtend<typeof standalone.openDevice>();
});
