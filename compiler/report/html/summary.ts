// The head of a report: what it is of, its main figures, and the conventions that they are counted by.
import { flopsOf } from '../../cost/conventions.ts';
import { ridgePoint } from '../../cost/roofline.ts';
import { conventionLines, sizesText, subject } from '../conventions-text.ts';
import { perToken } from '../figures.ts';
import { byteText, compact, duration, grouped, percent, threeDigits } from '../quantities.ts';
import { html, type Markup } from './markup.ts';
import type { View } from './view.ts';

export function head({ report, number }: View): Markup {
  const { cost, doc, device, stored, place, hash } = report;
  return html`<header class="head"><h1 id="title-${number}">${cost.model}</h1>${doc !== undefined && html`<p class="doc">${doc}</p>`}
<ul class="facts"><li>${sizesText(cost.symbols)}</li><li>${cost.mode === 'forward' ? 'forward' : 'decode: one more token of each sequence'}</li><li>${stored}</li>${
    device && html`<li>${device.name} <span class="quiet">(${device.kind})</span></li>`
  }<li><code>${place}</code></li><li title="SHA-256 of the model's structure: equal for models that mean the same"><code>${hash.slice(0, 12)}</code></li></ul></header>`;
}

interface Card {
  readonly name: string;
  readonly figure: string;
  readonly exact: string;
  readonly notes: readonly (string | undefined)[];
}

export function cards({ report }: View): Markup {
  return html`<dl class="cards">${cardsOf(report).map(
    ({ name, figure, exact, notes }) =>
      html`<div><dt>${name}</dt><dd title="${exact}">${figure}</dd>${notes.map(
        (note) => note !== undefined && html`<dd class="note">${note}</dd>`,
      )}</div>`,
  )}</dl>`;
}

function cardsOf({ cost, memory, times, device, stored }: View['report']): Card[] {
  const { params, work, activations, kernels, cachePerToken, cache, moved, tokens } = cost;
  const flops = flopsOf(work, 'exact');
  const square = 2n * work.macsFullSquare;
  const each = perToken(flops, tokens);
  const weights = params.total * cost.elementBytes;
  const dispatches = kernels.reduce((sum, kernel) => sum + kernel.times, 0);
  const intensity = moved > 0n ? Number(flops) / Number(moved) : 0;
  const run = cost.mode === 'forward' ? 'forward' : 'a token more';
  const share = params.total > 0n ? Number(params.activated) / Number(params.total) : 1;
  return [
    {
      name: 'Parameters',
      figure: compact(params.total),
      exact: grouped(params.total),
      notes: [
        params.activated !== params.total
          ? `${compact(params.activated)} activated, ${percent(share)}`
          : 'all activated',
        cost.embeddings.total > 0n ? `${compact(cost.embeddings.total)} in embeddings` : undefined,
      ],
    },
    {
      name: `FLOPs, ${run}`,
      figure: compact(flops),
      exact: `${grouped(flops)} = 2 × ${grouped(work.macs)} MACs`,
      notes: [
        `${compact(each)} per token`,
        square > flops ? `${compact(square)} with all pairs of attention` : undefined,
      ],
    },
    {
      name: 'Weights',
      figure: byteText(weights),
      exact: `${grouped(weights)} bytes = ${grouped(params.total)} × ${grouped(cost.elementBytes)}`,
      notes: [stored],
    },
    ...(kernels.length > 0
      ? [
          {
            name: 'Activations, peak',
            figure: byteText(activations.peak),
            exact: `${grouped(activations.peak)} bytes`,
            notes: [
              `${byteText(activations.written)} written in a run`,
              memory && `${byteText(memory.total)} allocated in all`,
            ],
          },
        ]
      : []),
    ...(cachePerToken > 0n
      ? [
          {
            name: 'KV cache per token',
            figure: byteText(cachePerToken),
            exact: `${grouped(cachePerToken)} bytes`,
            notes: [`${byteText(cache)} for the sizes here`],
          },
        ]
      : []),
    ...(kernels.length > 0
      ? [
          {
            name: 'Bytes moved',
            figure: byteText(moved),
            exact: `${grouped(moved)} bytes`,
            notes: ['each element once in a kernel'],
          },
          {
            name: 'FLOPs per byte',
            figure: threeDigits(intensity),
            exact: `${grouped(flops)} FLOPs / ${grouped(moved)} bytes`,
            notes: [device && `ridge of the device: ${threeDigits(ridgePoint(device.roofline))}`],
          },
          {
            name: 'Dispatches',
            figure: grouped(dispatches),
            exact: `of ${grouped(kernels.length)} kernels`,
            notes: [`of ${grouped(kernels.length)} kernels`],
          },
        ]
      : []),
    ...(times && device
      ? [
          {
            name: 'Predicted time',
            figure: duration(times.ms),
            exact: `${times.ms} ms`,
            notes: [
              `${compact((1000 * Number(tokens)) / times.ms)} tokens/s`,
              'a lower bound, by the roofline',
            ],
          },
        ]
      : []),
  ];
}

export const conventions = ({ report }: View): Markup =>
  html`<section class="conventions"><h2>How this is counted</h2><p>${capital(subject(report.cost))}.</p><ul>${conventionLines(
    report,
  ).map(
    (line) => html`<li>${line}</li>`,
  )}</ul><p class="quiet">Structure <code>${report.hash}</code></p></section>`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
