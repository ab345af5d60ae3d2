// The table: rows fold into the layer that they stand in, sort by a column, and are found by a text.
import type { Panel } from './selection.ts';

/** The table is folded at first so far that it has no more rows than these. */
const ROWS_AT_FIRST = 40;

export function foldAndSort({ element, data }: Panel): void {
  const table = element.querySelector<HTMLTableElement>('.layers table')!;
  const body = table.tBodies[0]!;
  const rows = [...body.rows];
  const heads = [...table.tHead!.rows[0]!.cells];
  const indexOf = (row: HTMLElement): number => Number(row.dataset.n);
  const depths = data.parents.map(() => 0);
  for (const [at, parent] of data.parents.entries())
    if (parent >= 0) depths[at] = depths[parent]! + 1;
  const folded = new Set<number>();
  let sorted: { readonly column: string; readonly descending: boolean } | undefined;
  let wanted = '';

  const text = (at: number): string =>
    `${data.paths[at]} ${data.names[at]} ${data.calls[at]} ${data.kinds[at]}`.toLowerCase();

  /** With what it stands in, so that it can be told where it is. */
  function found(): Set<number> | undefined {
    if (wanted === '') return undefined;
    const all = new Set<number>();
    for (const row of rows) {
      const index = indexOf(row);
      if (!text(index).includes(wanted)) continue;
      for (let at = index; at >= 0; at = data.parents[at]!) all.add(at);
    }
    return all;
  }

  function isFolded(index: number): boolean {
    for (let at = data.parents[index]!; at > 0; at = data.parents[at]!)
      if (folded.has(at)) return true;
    return false;
  }

  function draw(): void {
    const shown = found();
    let leaves = 0;
    for (const row of rows) {
      const index = indexOf(row);
      const isLeaf = row.classList.contains('leaf');
      const isHidden = sorted ? !isLeaf : !shown && isFolded(index);
      row.hidden = isHidden || (shown !== undefined && !shown.has(index));
      if (isLeaf && !row.hidden) leaves++;
      row.querySelector('.fold')?.setAttribute('aria-expanded', String(!folded.has(index)));
      row.querySelector('a')!.textContent =
        sorted && isLeaf ? data.paths[index]! || data.names[index]! : data.names[index]!;
    }
    table.classList.toggle('flat', sorted !== undefined);
    element.querySelector('.layers .count')!.textContent = shown ? `${leaves} layers` : '';
    body.append(...ordered());
  }

  function ordered(): HTMLTableRowElement[] {
    if (!sorted) return rows;
    const { column, descending } = sorted;
    const at = heads.findIndex((head) => head.dataset.c === column);
    const values = data.columns[column];
    const figure = (row: HTMLTableRowElement): number => values?.[indexOf(row)] ?? 0;
    const word = (row: HTMLTableRowElement): string => row.cells[at]!.textContent!;
    const inOrder = rows.toSorted(
      (a, b) => figure(a) - figure(b) || (values ? 0 : word(a).localeCompare(word(b))),
    );
    return descending ? inOrder.reverse() : inOrder;
  }

  for (const head of heads) {
    head.querySelector('button')!.addEventListener('click', () => {
      const column = head.dataset.c;
      const isNumber = column !== undefined && data.columns[column] !== undefined;
      if (column === undefined) sorted = undefined;
      else if (sorted?.column !== column) sorted = { column, descending: isNumber };
      else if (sorted.descending === isNumber) sorted = { column, descending: !isNumber };
      else sorted = undefined;
      for (const other of heads) other.ariaSort = 'none';
      if (sorted) head.ariaSort = sorted.descending ? 'descending' : 'ascending';
      draw();
    });
  }
  body.addEventListener('click', ({ target }) => {
    const button = (target as Element).closest('.fold');
    if (!button) return;
    const index = indexOf(button.closest('tr')!);
    if (!folded.delete(index)) folded.add(index);
    draw();
  });
  body.addEventListener('keydown', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('tbody a');
    if (!link) return;
    const row = link.closest('tr')!;
    const index = indexOf(row);
    const visible = [...body.rows].filter((one) => !one.hidden);
    const at = visible.indexOf(row);
    const to = (one: HTMLTableRowElement | undefined) => one?.querySelector('a')?.focus();
    const isBranch = row.classList.contains('branch');
    if (event.key === 'ArrowDown') to(visible[at + 1]);
    else if (event.key === 'ArrowUp') to(visible[at - 1]);
    else if (event.key === 'ArrowLeft' && isBranch && !folded.has(index)) folded.add(index);
    else if (event.key === 'ArrowLeft')
      to(rows.find((one) => indexOf(one) === data.parents[index]));
    else if (event.key === 'ArrowRight' && isBranch) folded.delete(index);
    else return;
    event.preventDefault();
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const focused = document.activeElement as HTMLElement;
      draw();
      focused.focus();
    }
  });
  const tools = element.querySelector('.layers .tools')!;
  tools.querySelector<HTMLInputElement>('.filter')!.addEventListener('input', ({ target }) => {
    wanted = (target as HTMLInputElement).value.trim().toLowerCase();
    draw();
  });
  const depth = tools.querySelector<HTMLSelectElement>('.depth')!;
  const foldTo = (deepest: number): void => {
    folded.clear();
    for (const [at, own] of depths.entries()) if (own >= deepest) folded.add(at);
    draw();
  };
  depth.addEventListener('change', () => foldTo(Number(depth.value)));
  const upTo = (deepest: number): number => depths.filter((own) => own <= deepest).length;
  const fitting = [...depth.options].filter(({ value }) => upTo(Number(value)) <= ROWS_AT_FIRST);
  depth.value = depth.dataset.asked ?? (fitting.at(-1) ?? depth.options[0]!).value;
  foldTo(Number(depth.value));
  tools
    .querySelector<HTMLInputElement>('.all-columns')!
    .addEventListener('change', ({ target }) => {
      table.classList.toggle('wide', (target as HTMLInputElement).checked);
    });
}
