// A module's documentation as one HTML page that needs nothing beside it. What the source says is shown as text: tags in a
// doc comment stay words, and its links lead to the web only.
import markdownIt from 'markdown-it';
import { costSentence } from './cost-formulas.ts';
import { firstSentence } from './doc-text.ts';
import { STYLE } from './html-style.ts';
import type { PageOptions } from './markdown.ts';
import type { ItemDoc, ModuleDoc, OutputDoc, ParamDoc, ShapeDoc, WeightDoc } from './module-doc.ts';
import type { ListedPage } from './pages.ts';

const markdown = markdownIt({ html: false });

/** A page of one module. */
export function htmlPage(title: string, doc: ModuleDoc, options: PageOptions): string {
  const body = `${contents(doc)}
<main>
<h1>${escapeHtml(title)}</h1>
${markdown.render(doc.about)}
${doc.items.map((item) => section(item, options)).join('\n')}
</main>`;
  return htmlDocument(title, body);
}

/** The page that leads to those of several modules. */
export const htmlListPage = (pages: readonly ListedPage[]): string =>
  htmlDocument(
    'Modules',
    `<main>
<h1>Modules</h1>
<ul>
${pages.map(listed).join('\n')}
</ul>
</main>`,
  );

function listed({ title, page, doc }: ListedPage): string {
  const names = doc.items.map(
    ({ name }) => `<a href="${escapeHtml(page)}#${name}"><code>${name}</code></a>`,
  );
  const about = markdown.renderInline(firstSentence(doc.about));
  return `<li><p><a href="${escapeHtml(page)}">${escapeHtml(title)}</a>: ${about}<br>${names.join(' · ')}</p></li>`;
}

const htmlDocument = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;

const contents = ({ items }: ModuleDoc): string => `<nav aria-label="Contents">
<ul>
${items
  .map(
    ({ name, kind, doc }) =>
      `<li><a href="#${name}" title="${escapeHtml(firstSentence(doc))}"><code>${name}</code></a> <small>${kind}</small></li>`,
  )
  .join('\n')}
</ul>
</nav>`;

function section(item: ItemDoc, { source }: PageOptions): string {
  const { name, kind, signature, body, line } = item;
  return `<section id="${name}">
<h2><a href="#${name}">${name}</a> <small>${kind}</small></h2>
<p class="source"><a href="${escapeHtml(source(line))}">source, line ${line}</a></p>
<pre><code>${escapeHtml(signature)}</code></pre>
${markdown.render(item.doc)}${params(item.params)}${facts(item)}${
  body.length > 0 ? `<pre><code>${escapeHtml(body.join('\n'))}</code></pre>\n` : ''
}${weights(item.weights)}${outputs(item.outputs)}</section>`;
}

function params(list: readonly ParamDoc[]): string {
  if (list.every(({ doc }) => doc === '')) return '';
  return table(
    ['parameter', 'type', 'default', ''],
    list.map(({ name, type, default: given, doc }) => [
      code(name),
      code(type),
      given === undefined ? 'must be given' : code(given),
      markdown.renderInline(doc),
    ]),
  );
}

/** What the signature does not show. */
function facts({ kind, inputs, output, settings, budget, cost }: ItemDoc): string {
  const named = ({ name, shape }: ShapeDoc) => code(`${name}: ${shape}`);
  const isShown = kind === 'layer' || kind === 'router' || output === undefined;
  return bullets([
    ...(isShown ? [] : [`takes ${inputs.map(named).join(', ')}, gives ${code(output)}`]),
    ...(settings.length > 0 ? [`sets ${settings.map(named).join(', ')}`] : []),
    ...(budget.length > 0 ? [`may cost ${budget.map(code).join(', ')}`] : []),
    ...(cost ? [costSentence(cost, code)] : []),
  ]);
}

function weights(list: readonly WeightDoc[]): string {
  if (list.length === 0) return '';
  return table(
    ['weight', 'shape', 'begins as', ''],
    list.map(({ name, shape, init, doc }) => [
      code(name),
      code(shape),
      code(init),
      markdown.renderInline(doc),
    ]),
  );
}

const outputs = (list: readonly OutputDoc[]): string =>
  bullets(
    list.map(
      ({ kind, name, doc }) =>
        `${kind} ${code(name)}${doc === '' ? '' : `: ${markdown.renderInline(doc)}`}`,
    ),
  );

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, list: readonly string[]) =>
    list.map((text) => `<${tag}>${text}</${tag.split(' ')[0]}>`).join('');
  return `<div class="wide"><table>
<thead><tr>${cells('th scope="col"', head)}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}
</tbody>
</table></div>
`;
}

const bullets = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>\n${items.map((item) => `<li>${item}</li>`).join('\n')}\n</ul>\n`;

const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]!);
