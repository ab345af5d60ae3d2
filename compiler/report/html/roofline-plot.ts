// The kernels on the roofline of the device: how fast each is predicted to compute for each byte that it moves. Without a
// device, how much each computes. Both axes are logarithmic.
import { ridgePoint } from '../../cost/roofline.ts';
import { byteText, compact, duration, threeDigits, withPrefix } from '../quantities.ts';
import {
  type Frame,
  horizontalAxis,
  logScale,
  tenths,
  verticalAxis,
  withoutZeros,
} from './axes.ts';
import { type KernelPoint, kernelPoints } from './kernel-points.ts';
import { html, type Markup } from './markup.ts';
import type { View } from './view.ts';

const FRAME: Frame = { left: 84, right: 880, top: 16, bottom: 320 };
const HEIGHT = 364;

export function rooflinePlot(view: View): Markup | undefined {
  const { device, cost } = view.report;
  const points = kernelPoints(view);
  const computing = points.filter(({ operations, bytes }) => operations > 0 && bytes > 0);
  if (computing.length === 0) return undefined;
  const silent = cost.kernels.length - computing.length;
  const rates = computing.map((point) => heightOf(view, point));
  const intensities = computing.map(intensityOf);
  const roof = device?.roofline;
  const x = logScale(
    [...intensities, ...(roof ? [4 * ridgePoint(roof)] : [])],
    FRAME.left,
    FRAME.right,
  );
  const y = logScale([...rates, ...(roof ? [2 * roof.flops] : [])], FRAME.bottom, FRAME.top);
  const most = Math.max(...computing.map(sizeOf));
  const ordered = [...computing].sort((a, b) => sizeOf(b) - sizeOf(a));
  return html`<section class="roofline"><h2>${device ? html`Roofline of ${device.name}` : 'Work for each byte'}</h2>
<div class="scroll plot"><svg viewBox="0 0 900 ${HEIGHT}" role="group" aria-label="Kernels by operations for each byte and ${device ? 'operations a second' : 'operations'}">
${horizontalAxis(FRAME, x, (tick) => shortNumber(tick))}${verticalAxis(FRAME, y, (tick) => withoutZeros(withPrefix(tick, device ? 'op/s' : 'op')))}
<text class="name" x="${FRAME.right}" y="${HEIGHT - 8}" text-anchor="end">operations for each byte moved</text>
${roof && roofOf(roof.flops, roof.bytesPerSecond, x, y)}
<g class="points">${ordered.map((point) => pointOf(point, x.at(intensityOf(point)), y.at(heightOf(view, point)), sizeOf(point) / most))}</g>
</svg></div>
<p class="note">${
    device
      ? `A kernel on the line is bound by what it lies under, one far below it by being started; its area is its predicted time.`
      : html`A circle is a kernel; the higher, the more it computes. With <code>--device NAME</code> this is the roofline of a device, with predicted times.`
  } Operations are FLOPs, and two for each elementwise operation.${
    silent > 0 && ` ${silent} of ${cost.kernels.length} kernels only move bytes and are not shown.`
  }</p></section>`;
}

const intensityOf = ({ operations, bytes }: KernelPoint): number => operations / bytes;

const heightOf = ({ report }: View, { operations, ms }: KernelPoint): number =>
  report.device ? (1000 * operations) / ms : operations;

const sizeOf = ({ operations, ms }: KernelPoint): number => (ms > 0 ? ms : operations);

/** Bandwidth up to the ridge, then the rate of multiply-adds. */
function roofOf(
  flops: number,
  bytesPerSecond: number,
  x: { readonly at: (value: number) => number },
  y: { readonly at: (value: number) => number; readonly ticks: readonly number[] },
): Markup {
  const ridge = flops / bytesPerSecond;
  const lowest = y.ticks[0]!;
  const start = Math.max(x.at(lowest / bytesPerSecond), FRAME.left);
  const first = start > FRAME.left ? FRAME.bottom : tenths(y.at(bytesPerSecond * valueAtLeft(x)));
  return html`<g class="roof"><path d="M${tenths(start)},${first}L${tenths(x.at(ridge))},${tenths(y.at(flops))}L${FRAME.right},${tenths(y.at(flops))}"/>
<circle cx="${tenths(x.at(ridge))}" cy="${tenths(y.at(flops))}" r="3"/>
<text x="${tenths(x.at(ridge))}" y="${tenths(y.at(flops) - 8)}" text-anchor="middle">ridge: ${threeDigits(ridge)} operations a byte</text></g>`;
}

/** What lies at the left edge, told from two known places: the scale is a line in the logarithm. */
function valueAtLeft({ at }: { readonly at: (value: number) => number }): number {
  const [one, ten] = [at(1), at(10)];
  return 10 ** ((FRAME.left - one) / (ten - one));
}

function pointOf(point: KernelPoint, x: number, y: number, share: number): Markup {
  const { label, times, operations, bytes, ms, bound, kind, layer } = point;
  const radius = tenths(Math.max(3, 16 * Math.sqrt(share)));
  const lines = [
    times > 1 ? `${label}, ${compact(times)} times` : label,
    `${compact(operations)} operations, ${byteText(bytes)}: ${threeDigits(operations / bytes)} a byte`,
    bound && `${duration(ms)}, bound by ${bound}`,
  ].filter((line) => line !== undefined);
  const end = x > 560 ? 'end' : 'start';
  const at = x > 560 ? x - radius - 6 : x + radius + 6;
  return html`<g class="point" role="img" tabindex="-1"${layer !== undefined && html` data-n="${layer}"`}><circle class="${kind}" cx="${tenths(x)}" cy="${tenths(y)}" r="${radius}"/><text x="${tenths(at)}" y="${tenths(y + 4)}" text-anchor="${end}">${lines[0]}</text><title>${lines.join('\n')}</title></g>`;
}

const shortNumber = (value: number): string =>
  value >= 1 ? compact(value) : String(Number(value.toPrecision(1)));
