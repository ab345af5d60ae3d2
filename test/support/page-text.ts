// What stands in a page of a report, told from its text without a browser: enough for pages that we write ourselves.

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
};

export const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);

/** The text of each section on lines of its own, one for each row, label or paragraph; sources, styles, data, the rows of tables and points left out. */
export function outline(page: string): string {
  return unescaped(
    page
      .replace(/<(style|script|aside|title)\b[\s\S]*?<\/\1>/g, '')
      .replace(/<tr id=[\s\S]*?<\/tr>/g, '')
      .replace(/<g class="points">[\s\S]*?<\/svg>/g, '</svg>')
      .replace(/<(select|svg class="area")[\s\S]*?<\/(select|svg)>/g, (area) =>
        area.replace(/<title>[\s\S]*?<\/title>/, ''),
      )
      .replace(/<h([123])[^>]*>/g, (_, level: string) => `\n\n${'#'.repeat(Number(level))} `)
      .replace(/<(tr|li|p|dt|label|header|tspan|text|caption)\b[^>]*>/g, '\n')
      .replace(/<(td|th|dd|i|b)\b[^>]*>/g, ' | ')
      .replace(/<[^>]*>/g, ' '),
  )
    .split('\n')
    .map((line) =>
      line
        .replace(/\s+/g, ' ')
        .replace(/^( ?\| )+/, '')
        .trim(),
    )
    .filter((line, at, lines) => line !== '' || lines[at - 1] !== '')
    .join('\n')
    .trim();
}

/** `data` of the page's script. */
export const dataOf = (page: string): unknown =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!);

/** Rows of the table of layers, by path: the exact text of each cell under its column's title. */
export function tableOf(page: string): Map<string, Map<string, string>> {
  const table = /<table id="table-0">([\s\S]*?)<\/table>/.exec(page)![1]!;
  const [head, ...rows] = [...table.matchAll(/<tr\b[^>]*?(?: class="(\w+)")?>([\s\S]*?)<\/tr>/g)];
  const titles = [...head![2]!.matchAll(/<button[^>]*>(.*?)<\/button>/g)].map(
    ([, title]) => title!,
  );
  return new Map(
    rows.map(([, kind, row]) => {
      const path = /<a [^>]*title="(.*?)"/.exec(row!)?.[1] ?? 'total';
      const cells = [...row!.matchAll(/<td(?: class="[^"]*")?(?: title="([^"]*)")?>(.*?)<\/td>/gs)];
      const key = kind === 'branch' ? `${path}/` : path;
      return [
        key,
        new Map(
          cells.map(([, title, shown], at) => [
            unescaped(titles[at + 1]!),
            unescaped((title ?? shown!).split('\n')[0]!),
          ]),
        ),
      ] as const;
    }),
  );
}
