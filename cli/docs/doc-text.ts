// Doc comments as Markdown: what they say about single parameters, apart from the rest.
//
//   /// Self-attention over the axis t.
//   ///
//   /// - `bias`: whether q, k and v get one.       an item of a list that begins with the name of a parameter

export interface SplitDoc {
  /** The text without the items about parameters. */
  readonly prose: string;
  /** What is said of each parameter, by its name. */
  readonly ofParams: ReadonlyMap<string, string>;
}

const ITEM = /^- `(\w+)`: */;

export function splitDoc(doc: string, params: readonly string[]): SplitDoc {
  const prose: string[] = [];
  const ofParams = new Map<string, string>();
  let current: string | undefined;
  for (const line of doc.split('\n')) {
    const name = line.match(ITEM)?.[1];
    if (name !== undefined && params.includes(name)) {
      current = name;
      ofParams.set(name, line.replace(ITEM, ''));
    } else if (current !== undefined && /^\s+\S/.test(line)) {
      ofParams.set(current, `${ofParams.get(current)} ${line.trim()}`);
    } else {
      current = undefined;
      prose.push(line);
    }
  }
  return {
    prose: prose
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    ofParams,
  };
}

/** The first sentence, for lists. Stops between sentences are followed by a capital letter. */
export function firstSentence(doc: string): string {
  const [paragraph = ''] = doc.split(/\n\s*\n/);
  const text = paragraph.replace(/\s+/g, ' ').trim();
  return text.match(/^.*?[.:](?= [A-Z`])/)?.[0].replace(/:$/, '.') ?? text;
}
