// The nested areas: for another metric, as wide as another layer, and by keyboard.
import { icicleLabel, layoutIcicle } from '../html/icicle-layout.ts';
import type { Panel, Selection } from './selection.ts';

export function zoomIcicle(panel: Panel, { select }: Selection): void {
  const { element, data } = panel;
  const icicle = element.querySelector<SVGSVGElement>('.icicle')!;
  const areas = [...icicle.querySelectorAll<SVGSVGElement>('.area')];
  let root = 0;
  let metric = data.metrics.find(({ key }) => key === 'flops')!;

  function draw(): void {
    const laid = layoutIcicle({ parents: data.parents, values: metric.values }, root);
    const pixels = icicle.getBoundingClientRect().width;
    if (pixels === 0) return;
    for (const [at, area] of areas.entries()) {
      const { left, width } = laid[at]!;
      area.setAttribute('x', `${100 * left}%`);
      area.setAttribute('width', `${100 * width}%`);
      area.toggleAttribute('display', false);
      if (width * pixels < 0.5) area.setAttribute('display', 'none');
      area.setAttribute('aria-label', `${data.names[at]}, ${metric.texts[at]}`);
      const label = icicleLabel(data.names[at]!, metric.texts[at]!, width * pixels);
      area.querySelector('text')!.textContent = label;
    }
    icicle.setAttribute('aria-label', `Layers by ${metric.label}`);
    for (const name of element.querySelectorAll('.cost .metric')) name.textContent = metric.label;
  }

  function zoom(to: number): void {
    // What is as wide as all already goes back to what it stands in.
    root = to === root ? Math.max(0, data.parents[to]!) : to;
    draw();
  }

  const isShown = (at: number): boolean => areas[at]!.getAttribute('display') !== 'none';

  function focus(at: number | undefined): void {
    if (at === undefined || at < 0 || !isShown(at)) return;
    for (const area of areas) area.setAttribute('tabindex', '-1');
    areas[at]!.setAttribute('tabindex', '0');
    areas[at]!.focus();
  }

  const siblings = (at: number): number[] =>
    data.parents.flatMap((parent, other) =>
      parent === data.parents[at] && isShown(other) ? [other] : [],
    );

  icicle.addEventListener('click', ({ target }) => {
    const at = areas.indexOf((target as Element).closest<SVGSVGElement>('.area')!);
    if (at >= 0) zoom(at);
  });
  icicle.addEventListener('keydown', (event) => {
    const at = areas.indexOf(event.target as SVGSVGElement);
    if (at < 0) return;
    const beside = siblings(at);
    const place = beside.indexOf(at);
    switch (event.key) {
      case 'Enter':
      case ' ':
        zoom(at);
        select(panel, at);
        break;
      case 'Escape':
        if (root === 0) return;
        zoom(root);
        focus(root);
        event.stopPropagation();
        break;
      case 'ArrowUp':
        focus(data.parents[at]);
        break;
      case 'ArrowDown':
        focus(data.parents.findIndex((parent, child) => parent === at && isShown(child)));
        break;
      case 'ArrowLeft':
        focus(beside[place - 1]);
        break;
      case 'ArrowRight':
        focus(beside[place + 1]);
        break;
      default:
        return;
    }
    event.preventDefault();
  });
  for (const input of element.querySelectorAll<HTMLInputElement>('.bar input')) {
    input.addEventListener('change', () => {
      metric = data.metrics.find(({ key }) => key === input.value)!;
      draw();
    });
  }
  addEventListener('resize', draw);
  draw();
}
