// Where the areas of nested layers lie, side by side under the layer that holds them, each as wide as its figure. Shared by the
// page as it is written and by its script.

/** A tree by the places of parents, which stand before their children. */
export interface IcicleTree {
  /** -1 for the root. */
  readonly parents: readonly number[];
  readonly values: readonly number[];
}

/** Shares of the whole width; `row` counts from the top. A width of 0 is not shown. */
export interface IcicleArea {
  readonly left: number;
  readonly width: number;
  readonly row: number;
}

/** The areas with `root` and all that it stands in as wide as the whole. */
export function layoutIcicle({ parents, values }: IcicleTree, root: number): IcicleArea[] {
  const around = new Set<number>();
  for (let at = root; at >= 0; at = parents[at]!) around.add(at);
  const areas: IcicleArea[] = [];
  /** Where the next child of each begins. */
  const next: number[] = [];
  for (const [at, parent] of parents.entries()) {
    const outer = areas[parent];
    const row = outer ? outer.row + 1 : 0;
    const inRoot = outer !== undefined && (!around.has(parent) || parent === root);
    const share = inRoot && values[parent]! > 0 ? values[at]! / values[parent]! : 0;
    const left = inRoot ? next[parent]! : 0;
    const width = around.has(at) ? 1 : share * (outer?.width ?? 0);
    areas.push({ left, width, row });
    if (inRoot) next[parent] = left + width;
    next[at] = left;
  }
  return areas;
}

/** Pixels of a letter and of the space beside a label, of the page's labels. */
const LETTER = 6.6;
const PADDING = 10;

/** As much of a name, and then of its figure, as fits. */
export function icicleLabel(name: string, figure: string, pixels: number): string {
  const letters = Math.floor((pixels - PADDING) / LETTER);
  const both = `${name}  ${figure}`;
  if (both.length <= letters) return both;
  if (name.length <= letters) return name;
  return letters >= 4 ? `${name.slice(0, letters - 1)}…` : '';
}
