// The script of the HTML report: joins what stands in the page already. Runs in a browser; bundled into
// html/page-script.generated.ts by scripts/generate-page-script.ts. Without it the page lacks nothing but this.
import type { PageData } from '../html/page-data.ts';
import { moveFocus } from './focus.ts';
import { foldAndSort } from './fold-and-sort.ts';
import { zoomIcicle } from './icicle-zoom.ts';
import { type Panel, showSelection } from './selection.ts';
import { switchTabs } from './tabs.ts';
import { switchTheme } from './theme.ts';
import { showTips } from './tips.ts';

const data: PageData = JSON.parse(document.getElementById('data')!.textContent!);
const panels = [...document.querySelectorAll<HTMLElement>('.panel')].map(
  (element, at): Panel => ({ element, number: at, data: data.reports[at]! }),
);

document.documentElement.classList.add('scripted');
switchTheme();
showTips();
const selection = showSelection(panels);
for (const panel of panels) {
  foldAndSort(panel);
  zoomIcicle(panel, selection);
  for (const group of ['.flow.outer', '.insides', '.points', '.steps'])
    for (const element of panel.element.querySelectorAll(group)) moveFocus(element, '[data-n]');
}
switchTabs(panels, selection);
