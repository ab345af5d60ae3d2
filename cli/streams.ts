// Where words go: results to stdout, talk to stderr; and in which colours, if any.
import pc from 'picocolors';

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

/** Whether a stream takes colours: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal that has them. */
export function inColor(stream: 'stdout' | 'stderr'): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return Boolean(process[stream].isTTY) && TERM !== 'dumb';
}

/** Paints text for a stream: `paint('stdout').bold('total')`. Headings are bold, figures plain. */
export const paint = (stream: 'stdout' | 'stderr') => pc.createColors(inColor(stream));

/** `bform ... | head` closes our stdout early: nobody reads on, so the work is done. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
}
