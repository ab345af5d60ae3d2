// The mistakes that people make in imports and in the heads of declarations, in words.
import { tokenMatcher } from './chevrotain.ts';
import {
  badName,
  because,
  type Explain,
  type Explanations,
  missingComma,
  nameAfter,
  notAShape,
  quote,
} from './explanation.ts';
import * as t from './tokens.ts';

const inEdition: Explain = ({ found }) =>
  because(
    'BF1001',
    `expected a number after \`edition\`, found ${quote(found)}`,
    'write `edition 1`',
  );

const inUse: Explain = (place) => {
  const { expects, finds, found, before } = place;
  if (expects(t.Dot) || (expects(t.LeftBrace) && !finds(t.LeftBrace))) {
    const isFile = before !== undefined && tokenMatcher(before, t.StringLiteral);
    const source = isFile ? before.image : 'std';
    if (finds(t.LeftBrace)) {
      return because('BF1001', 'expected `.` before the braces', `write \`use ${source}.{name}\``);
    }
    const last = before && tokenMatcher(before, t.Identifier) ? before.image : 'std';
    const named = finds(t.Identifier) ? found!.image : last === 'std' ? 'name' : last;
    return because('BF1001', 'a `use` names what it takes', `write \`use ${source}.{${named}}\``);
  }
  if (finds(t.RightBrace)) return because('BF1005', 'expected the names to use');
  return missingComma(place, 'names');
};

const inParam: Explain = ({ expects, finds, before, inner, found }) => {
  if (expects(t.Colon)) {
    const name = before?.image ?? '';
    return because(
      finds(t.Equal) ? 'BF1006' : 'BF1005',
      `parameter \`${name}\` needs a type`,
      finds(t.Equal) ? `write \`${name}: int = ...\`` : `for example \`${name}: int\``,
    );
  }
  if (inner === 'paramType' && finds(t.LeftBracket)) {
    return because(
      'BF1001',
      '`[` begins a shape, but parameters are no tensors',
      'inputs stand in brackets of their own: `layer f(hidden: dim) (x: [.., d]) -> ...`',
    );
  }
  if (inner === 'paramType' && found && !finds(t.Identifier)) {
    return because('BF1005', `expected a type, found ${quote(found)}`, PARAM_TYPES);
  }
  return undefined;
};

const PARAM_TYPES =
  'the types are dim, int, float, bool, activation, layer, layers, or some names: `{a, b}`';

const inParams: Explain = (place) => {
  const { finds, expects, before } = place;
  if (expects(t.RightParen) && finds(t.LeftBracket) && before) {
    return because(
      'BF1001',
      '`[` begins a shape, but parameters are no tensors',
      'inputs stand in brackets of their own: `layer f(hidden: dim) (x: [.., d]) -> ...`',
    );
  }
  if (expects(t.RightParen) && finds(t.Colon)) {
    return because('BF1006', 'a default is given with `=`', 'for example `bias: bool = false`');
  }
  return missingComma(place, 'parameters');
};

const inInputs: Explain = (place) => {
  const { finds, expects } = place;
  if (expects(t.RightParen) && finds(t.Equal)) {
    return because('BF1001', 'an input has no default; only parameters do');
  }
  return missingComma(place, 'inputs');
};

const inInputDeclaration: Explain = (place) => {
  const { expects, finds, before, inner } = place;
  if (expects(t.Colon)) {
    const name = before?.image ?? '';
    return because('BF1005', `input \`${name}\` needs a shape`, `for example \`${name}: [.., d]\``);
  }
  if (inner === 'shape' && expects(t.LeftBracket) && !finds(t.LeftBracket)) {
    return notAShape(
      place,
      'an input is a tensor, `x: [.., d]`; parameters stand in the first pair of brackets',
    );
  }
  return undefined;
};

const inShape: Explain = (place) => {
  if (place.finds(t.Dot))
    return because('BF1001', 'leading axes are written `..`, with two points');
  return missingComma(place, 'axes');
};

const inLayer: Explain = (place) => {
  const { expects, finds, after, inner } = place;
  const name = nameAfter(place, t.Layer);
  const naming = badName(place, t.Layer);
  if (naming) return naming;
  if (expects(t.LeftParen)) {
    return because(
      'BF1005',
      `layer \`${name}\` has no inputs`,
      `inputs follow the parameters: \`layer ${name} (x: [.., d]) -> [.., d] { ... }\``,
    );
  }
  if (inner === 'shape' && expects(t.LeftBracket)) {
    return notAShape(place, 'for example `-> [.., d]`');
  }
  if (expects(t.Arrow)) {
    const isOther = finds(t.Equal, t.Colon, t.Minus);
    const wrong = finds(t.Equal) && after && tokenMatcher(after, t.Greater) ? '`=>`' : undefined;
    return because(
      isOther ? 'BF1006' : 'BF1005',
      wrong
        ? `the result's shape is given with \`->\`, not ${wrong}`
        : `expected \`->\` and the shape of what layer \`${name}\` gives`,
      'for example `-> [.., d]`',
    );
  }
  return undefined;
};

const inBlock: Explain = (place) => {
  const naming = badName(place, t.Block);
  if (naming) return naming;
  const { finds } = place;
  if (finds(t.LeftParen) || finds(t.Arrow)) {
    return because(
      'BF1001',
      'a block has parameters only: its rows say what happens to the tensor',
      'for inputs and outputs of its own, write a `layer`',
    );
  }
  return undefined;
};

const inOrder: Explain = (place) => {
  const naming = badName(place, t.Order);
  if (naming) return naming;
  const { finds } = place;
  if (finds(t.LeftParen) || finds(t.Arrow)) {
    return because(
      'BF1001',
      'an order has parameters only: it says which sub-layers follow which',
      'for inputs and outputs of its own, write a `layer`',
    );
  }
  return undefined;
};

const inModel: Explain = (place) => badName(place, t.Model);

/** By the rule's name in the parser. */
export const HEAD_EXPLANATIONS: Explanations = {
  edition: inEdition,
  use: inUse,
  param: inParam,
  params: inParams,
  paramType: (place) => missingComma(place, 'names'),
  inputs: inInputs,
  inputDeclaration: inInputDeclaration,
  shape: inShape,
  layer: inLayer,
  order: inOrder,
  block: inBlock,
  model: inModel,
};
