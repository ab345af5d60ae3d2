// Memory: what a run keeps by class, and the activations that live while each kernel runs.
import { byteText as bytes, grouped } from '../quantities.ts';
import { type Frame, linearScale, tenths, verticalAxis, withoutZeros } from './axes.ts';
import { kernelPoints } from './kernel-points.ts';
import { html, type Markup } from './markup.ts';
import { starred } from './origins.ts';
import type { View } from './view.ts';

const FRAME: Frame = { left: 84, right: 880, top: 22, bottom: 190 };
const HEIGHT = 232;

export function memoryPlot(view: View): Markup | undefined {
  const { timeline, cost } = view.report;
  if (timeline.length === 0) return undefined;
  const live = timeline.map((at) => Number(at.live));
  const most = Math.max(...live);
  const peak = Number(cost.activations.peak);
  const y = linearScale(Math.max(most, peak), FRAME.bottom, FRAME.top, 1024);
  const width = (FRAME.right - FRAME.left) / timeline.length;
  const x = (index: number): number => FRAME.left + index * width;
  const top = live.indexOf(most);
  const points = kernelPoints(view);
  const outline = live.map((value, at) => `V${tenths(y.at(value))}H${tenths(x(at + 1))}`).join('');
  const end = top > 0.6 * timeline.length ? 'end' : 'start';
  return html`<section class="memory"><h2>Memory</h2>
${classes(view)}
<h3>Activations over the schedule</h3>
<div class="scroll plot"><svg viewBox="0 0 900 ${HEIGHT}" role="group" aria-label="Bytes of activations in use while each kernel runs">
${verticalAxis(FRAME, y, (tick) => withoutZeros(bytes(tick)))}
<path class="live" d="M${FRAME.left},${FRAME.bottom}${outline}V${FRAME.bottom}Z"/>
${peak > 0 && html`<line class="buffers" x1="${FRAME.left}" x2="${FRAME.right}" y1="${tenths(y.at(peak))}" y2="${tenths(y.at(peak))}"/><text class="buffers" x="${FRAME.left + 6}" y="${tenths(y.at(peak) - 6)}">buffers: ${bytes(peak)}</text>`}
<g class="steps">${timeline.map(
    ({ label }, at) =>
      html`<g class="step" role="img" tabindex="-1"${points[at]?.layer !== undefined && html` data-n="${points[at].layer}"`}><rect x="${tenths(x(at))}" y="${FRAME.top}" width="${tenths(width)}" height="${FRAME.bottom - FRAME.top}"/><rect class="foot ${points[at]?.kind ?? 'other'}" x="${tenths(x(at))}" y="${FRAME.bottom + 2}" width="${tenths(Math.max(0.5, width - 0.5))}" height="5"/><title>${starred(label)}
${grouped(live[at]!)} bytes of activations</title></g>`,
  )}</g>
<circle class="peak" cx="${tenths(x(top) + width / 2)}" cy="${tenths(y.at(most))}" r="4"/>
<text class="peak" x="${tenths(x(top) + width / 2 + (end === 'end' ? -9 : 9))}" y="${tenths(y.at(most) + (y.at(most) - FRAME.top < 14 ? 16 : 4))}" text-anchor="${end}">most: ${bytes(most)} in ${starred(timeline[top]!.label)}</text>
${repeats(view, x)}
</svg></div>
<p class="note">One step for each kernel, in the order in which they run; a repeat stands once. Values that do not live at the same time share buffers.</p></section>`;
}

/** Brackets under the kernels of each outermost repeat. */
function repeats(view: View, x: (index: number) => number): Markup {
  const around = view.report.timeline.map(({ label }) => /^(.*?)\.\{\d+\}/.exec(label)?.[1]);
  const runs: { readonly path: string; readonly from: number; to: number }[] = [];
  for (const [at, path] of around.entries()) {
    const last = runs.at(-1);
    if (path === undefined) continue;
    if (last && last.path === path && last.to === at) last.to = at + 1;
    else runs.push({ path, from: at, to: at + 1 });
  }
  return html`<g class="repeats">${runs.map(({ path, from, to }) => {
    const turns = view.layerAt(`${path}.*`)?.turns ?? 1;
    const [left, right] = [tenths(x(from) + 1), tenths(x(to) - 1)];
    const base = FRAME.bottom + 12;
    return html`<path d="M${left},${base}v5H${right}v-5"/><text x="${tenths((left + right) / 2)}" y="${base + 20}" text-anchor="middle">${path} × ${turns}</text>`;
  })}</g>`;
}

/** What a session keeps, by class; for f16 and for a token more, what would be. */
function classes({ report: { cost, memory } }: View): Markup {
  const parts: [name: string, kind: string, bytes: number][] = memory
    ? [
        ['weights', 'm0', memory.weights],
        ['activations', 'm1', memory.activations],
        ['inputs', 'm2', memory.inputs],
        ['sizes and outputs', 'm3', memory.other],
      ]
    : [
        ['weights', 'm0', Number(cost.params.total * cost.elementBytes)],
        ['activations', 'm1', Number(cost.activations.peak)],
        ...(cost.mode === 'decode'
          ? ([['KV cache', 'm2', Number(cost.cache)]] as [string, string, number][])
          : []),
      ];
  const total = parts.reduce((sum, [, , size]) => sum + size, 0);
  return html`<div class="classes"><span class="track">${parts.map(
    ([name, kind, size]) =>
      html`<span class="${kind}" style="width:${Math.round((10_000 * size) / Math.max(1, total)) / 100}%" title="${name}: ${grouped(size)} bytes"></span>`,
  )}</span><ul class="legend">${parts.map(
    ([name, kind, size]) =>
      html`<li title="${grouped(size)} bytes"><span class="swatch ${kind}"></span>${name} <b>${bytes(size)}</b></li>`,
  )}<li title="${grouped(total)} bytes">${memory ? 'allocated in all' : 'together'} <b>${bytes(total)}</b></li></ul></div>`;
}
