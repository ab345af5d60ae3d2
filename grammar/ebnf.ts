// The grammar as text, written from the parser's own rules and the lexer's own tokens, so that it cannot be wrong.
//
//   name = a b      one after the other        a | b    either       ( ... )   together
//   a?   a*   a+    none or one, any, at least one       a % ","   at least one, with commas between
import type { ISerializedGast, TokenType } from 'chevrotain';

/** One line for each rule, then one for each token that is not spelt out. */
export function toEbnf(rules: readonly ISerializedGast[], tokens: readonly TokenType[]): string {
  const spelling = new Map(tokens.map((type) => [type.name, spell(type)]));
  const ruleLines = (rules as readonly Node[]).map(
    ({ name, definition = [] }) => `${name} = ${rule(definition, spelling)}`,
  );
  const tokenLines = tokens.flatMap((type) => {
    const members = tokens.filter((member) => member.CATEGORIES?.includes(type)).map(spell);
    if (members.length > 0) return [`${type.name} = ${members.join(' | ')}`];
    return type.PATTERN instanceof RegExp ? [`${type.name} = ${type.PATTERN}`] : [];
  });
  return `${[...ruleLines, '', ...tokenLines].join('\n')}\n`;
}

/** What Chevrotain's serialized rules are made of. */
interface Node extends ISerializedGast {
  readonly name: string;
  readonly definition?: Node[];
  readonly separator?: Node;
}

type Spelling = ReadonlyMap<string, string>;

const spell = (type: TokenType): string =>
  typeof type.PATTERN === 'string' ? `"${type.PATTERN}"` : type.name;

/** Without the brackets that a rule of one element would have around all of it. */
const rule = (nodes: readonly Node[], spelling: Spelling): string =>
  nodes.length === 1 && nodes[0]!.type === 'Alternation'
    ? sequence(nodes, spelling).slice(1, -1)
    : sequence(nodes, spelling);

const sequence = (nodes: readonly Node[], spelling: Spelling): string =>
  nodes.map((node) => element(node, spelling)).join(' ');

function element(node: Node, spelling: Spelling): string {
  const parts = node.definition ?? [];
  switch (node.type) {
    case 'NonTerminal':
      return node.name;
    case 'Terminal':
      return spelling.get(node.name) ?? node.name;
    case 'Alternative':
      return sequence(parts, spelling);
    case 'Alternation':
      return `(${parts.map((part) => element(part, spelling)).join(' | ')})`;
    case 'Option':
      return `${group(parts, spelling)}?`;
    case 'Repetition':
      return `${group(parts, spelling)}*`;
    case 'RepetitionMandatory':
      return `${group(parts, spelling)}+`;
    case 'RepetitionWithSeparator':
      return `(${separated(node, spelling)})?`;
    case 'RepetitionMandatoryWithSeparator':
      return `(${separated(node, spelling)})`;
    default:
      throw new Error(`no EBNF for ${node.type}`);
  }
}

const separated = ({ definition = [], separator }: Node, spelling: Spelling): string =>
  `${group(definition, spelling)} % ${element(separator!, spelling)}`;

/** Several elements, or one that is several, in brackets. */
function group(parts: readonly Node[], spelling: Spelling): string {
  const text = sequence(parts, spelling);
  const isOne =
    parts.length === 1 && ['NonTerminal', 'Terminal', 'Alternation'].includes(parts[0]!.type);
  return isOne ? text : `(${text})`;
}
