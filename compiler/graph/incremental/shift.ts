// Rows of earlier positions, as convolutions over a text read them: kept with those of all positions, and looked up.
import type { NodeId } from '../../ops/op.ts';
import type { Dim } from '../../shapes/dim.ts';
import { isPlain, type Value } from './rows.ts';
import type { Writer } from './writer.ts';

/** The value `by` positions earlier, zeros before the first. */
export function shifted(x: Value, by: number, w: Writer): Value {
  if (by === 0) return x;
  const { rows } = x;
  if (!rows || !isPlain(rows)) w.refuse('moves rows that are no positions');
  const { shape, dtype } = w.typeOf(x.id);
  const time = rows.axis + (x.lifted ? 1 : 0);
  const batch = shape.findIndex((size) => size.text === w.batch.text);
  const kept = w.append(x.id, time, 'past');
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== batch && axis !== time);
  const perm = [batch, time, ...others];
  const table = w.emit({ kind: 'transpose', perm }, [kept]);

  const plane = [w.batch, w.time];
  const scalar = (value: number, type: 'i32' | 'f32' | 'bool', to: readonly Dim[]): NodeId => {
    const one = w.emit({ kind: 'const', value, dtype: type }, []);
    return w.emit({ kind: 'broadcast', shape: to, axes: [] }, [one]);
  };
  const at = w.emit({ kind: 'binary', fn: 'sub' }, [w.positions(), scalar(by, 'i32', plane)]);
  const texts = w.emit({ kind: 'iota', size: w.batch }, []);
  const text = w.emit({ kind: 'broadcast', shape: plane, axes: [0] }, [texts]);
  const earlier = w.emit({ kind: 'gather', indices: 2 }, [table, text, at]);
  const isThere = w.emit({ kind: 'binary', fn: 'le' }, [scalar(0, 'i32', plane), at]);
  const moved = w.typeOf(earlier).shape;
  const keep = w.emit({ kind: 'broadcast', shape: moved, axes: [0, 1] }, [isThere]);
  const rowsThen = w.emit({ kind: 'select' }, [keep, earlier, scalar(0, dtype, moved)]);
  const back = perm.map((_, axis) => perm.indexOf(axis));
  return { ...x, id: w.emit({ kind: 'transpose', perm: back }, [rowsThen]) };
}
