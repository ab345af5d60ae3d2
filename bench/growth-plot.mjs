// A plot of measured and predicted times as SVG, both axes logarithmic: small, plain text, readable on light and dark pages.

const [WIDTH, HEIGHT] = [480, 320];
const FRAME = { left: 60, right: 470, top: 40, bottom: 270 };
const COLOURS = { measured: '#d9480f', predicted: '#1971c2', text: '#868e96' };

const log = Math.log10;

/** `points`: `{ value, measured, predicted }` in milliseconds, in the order of their values. */
export function growthPlot({ title, axis, points, adapter }) {
  const times = points.flatMap(({ measured, predicted }) => [measured, predicted]);
  const low = Math.floor(log(Math.min(...times)));
  const high = Math.max(low + 1, Math.ceil(log(Math.max(...times))));
  const [first, last] = [points[0].value, points.at(-1).value];
  const place = (at, from, to, begin, end) => begin + ((at - from) / (to - from)) * (end - begin);
  const x = (value) => place(log(value), log(first), log(last), FRAME.left + 10, FRAME.right - 20);
  const y = (ms) => place(log(ms), low, high, FRAME.bottom, FRAME.top);
  const round = (number) => Number(number.toFixed(1));

  const text = (tx, ty, words, anchor = 'middle', fill = COLOURS.text) =>
    `<text x="${round(tx)}" y="${round(ty)}" text-anchor="${anchor}" fill="${fill}">${escaped(words)}</text>`;
  const line = (key, dash) => {
    const path = points
      .map((point) => `${round(x(point.value))},${round(y(point[key]))}`)
      .join(' ');
    return `<polyline points="${path}" fill="none" stroke="${COLOURS[key]}" stroke-width="2"${dash}/>`;
  };
  const powers = Array.from({ length: high - low + 1 }, (_, at) => low + at);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escaped(`${title}: time of a run, measured and predicted`)}</title>`,
    text(WIDTH / 2, 16, title),
    ...powers.flatMap((power) => [
      `<line x1="${FRAME.left}" x2="${FRAME.right}" y1="${round(y(10 ** power))}" y2="${round(y(10 ** power))}" stroke="${COLOURS.text}" stroke-opacity="0.3"/>`,
      text(FRAME.left - 6, y(10 ** power) + 4, `${10 ** power} ms`, 'end'),
    ]),
    ...points.map(({ value }) => text(x(value), FRAME.bottom + 16, String(value))),
    text((FRAME.left + FRAME.right) / 2, FRAME.bottom + 32, axis),
    line('predicted', ' stroke-dasharray="5 4"'),
    line('measured', ''),
    ...points.map(
      ({ value, measured }) =>
        `<circle cx="${round(x(value))}" cy="${round(y(measured))}" r="3" fill="${COLOURS.measured}"/>`,
    ),
    text(FRAME.left + 14, FRAME.top + 4, 'measured', 'start', COLOURS.measured),
    text(FRAME.left + 74, FRAME.top + 4, 'predicted by the roofline', 'start', COLOURS.predicted),
    text(FRAME.left, HEIGHT - 4, adapter, 'start'),
    '</svg>',
  ].join('\n')}\n`;
}

const escaped = (words) => words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
