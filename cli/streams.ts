// Where words go: results to stdout, talk to stderr.

/** Writes a result. */
export function say(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes a piece of a result that goes on. */
export function sayPart(text: string): void {
  process.stdout.write(text);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Tells the user something that is no result. */
export function talk(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Whether text on stderr may be coloured: a terminal, and NO_COLOR not set. */
export function talksInColor(): boolean {
  return Boolean(process.stderr.isTTY) && !process.env.NO_COLOR;
}

/** The same for stdout. */
export function saysInColor(): boolean {
  return Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;
}

/** `bform ... | head` closes our stdout early: nobody reads on, so the work is done. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
}
