// Examples of a command: lines to type with what each is for, shown below its help.

/** A line as one types it in a shell, and what it does. */
export type Example = readonly [line: string, purpose: string];

/** `title` makes of a heading what it is on a terminal. */
export function examplesText(
  examples: readonly Example[],
  title: (text: string) => string,
): string {
  const lines = examples.map(([line, purpose]) => `  # ${purpose}\n  ${line}`);
  return `\n${title('Examples:')}\n${lines.join('\n')}`;
}
