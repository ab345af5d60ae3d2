// One stop of the tab key for a group of many: arrow keys move inside of it.

/** Left and up go back, right and down go on; Enter on what is no link selects it as a click does. */
export function moveFocus(group: Element, selector: string): void {
  const items = [...group.querySelectorAll<HTMLElement | SVGElement>(selector)];
  if (items.length === 0) return;
  for (const [at, item] of items.entries()) item.tabIndex = at === 0 ? 0 : -1;
  const to = (item: HTMLElement | SVGElement): void => {
    for (const other of items) other.tabIndex = other === item ? 0 : -1;
    item.focus();
  };
  group.addEventListener('keydown', (event) => {
    const { key, target } = event as KeyboardEvent;
    const at = items.indexOf(target as HTMLElement);
    if (at < 0) return;
    if (key === 'Enter' && !(target instanceof HTMLAnchorElement))
      (target as Element).dispatchEvent(new MouseEvent('click', { bubbles: true }));
    const next = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: items.length - 1,
    }[key];
    const item = next === undefined ? undefined : items[next];
    if (!item) return;
    event.preventDefault();
    to(item);
  });
}
