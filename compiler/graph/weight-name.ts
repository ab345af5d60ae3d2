// What stands in for `{0}`, `{1}`, ... in the paths of repeated layers and their weights.

/** The full path name in given turns, outermost first: `blocks.{0}.w` in turn 3 is `blocks.3.w`. */
export function weightName(template: string, turns: readonly number[]): string {
  return template.replace(/\{(\d+)\}/g, (_, depth) => String(turns[Number(depth)]));
}
