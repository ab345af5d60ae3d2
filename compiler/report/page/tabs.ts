// Several reports in one page: one is shown, and only the sources that it uses.
import type { Panel, Selection } from './selection.ts';

export function switchTabs(panels: readonly Panel[], { clear, reveal }: Selection): void {
  const tabs = [...document.querySelectorAll<HTMLElement>('[role=tab]')];
  if (tabs.length === 0) {
    reveal(panels[0]!);
    return;
  }

  function show(chosen: number): void {
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panels[at]!.element.hidden = at !== chosen;
    }
    const files = [...document.querySelectorAll<HTMLDetailsElement>('.file')];
    for (const file of files)
      file.hidden = !file.dataset.views!.split(' ').includes(String(chosen));
    const own = files.find((file) => !file.hidden);
    if (own) own.open = true;
    clear();
    reveal(panels[chosen]!);
    // Areas are measured while they can be seen.
    dispatchEvent(new Event('resize'));
  }

  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener('click', () => show(at));
    tab.addEventListener('keydown', ({ key }) => {
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[key];
      if (next === undefined) return;
      const chosen = (next + tabs.length) % tabs.length;
      show(chosen);
      tabs[chosen]!.focus();
    });
  }
  show(0);
}
