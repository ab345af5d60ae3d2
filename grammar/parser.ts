// The grammar: tokens -> concrete syntax tree. Rules only, no actions; build-ast.ts gives them meaning.
// Newlines are no tokens, so three gates read positions instead: a call's bracket and a binary `-` stand on the
// line of the token before them, and a step's bracket touches its layer (`f (a b)` is a step and a group).
// Recovery is not Chevrotain's but repair.ts's, so a tree that comes out of here is always whole.
import { CstParser, EOF, type IToken, type TokenType, tokenMatcher } from './chevrotain.ts';
import { expectationAsMessage } from './expectation.ts';
import * as t from './tokens.ts';

export interface ParserOptions {
  /** Chevrotain's checks of the grammar itself: slow, wanted by one test only. */
  readonly validate: boolean;
}

export class BformParser extends CstParser {
  constructor(options: ParserOptions = { validate: false }) {
    super([...t.allTokens], {
      maxLookahead: 3,
      recoveryEnabled: false,
      nodeLocationTracking: 'onlyOffset',
      skipValidations: !options.validate,
      errorMessageProvider: expectationAsMessage,
    });
    this.performSelfAnalysis();
  }

  // Files

  file = this.RULE('file', () => {
    this.OPTION(() => this.SUBRULE(this.edition));
    this.MANY1(() => this.SUBRULE(this.use));
    this.MANY2(() => this.SUBRULE(this.item));
  });

  edition = this.RULE('edition', () => {
    this.CONSUME(t.Edition);
    this.CONSUME(t.NumberLiteral);
  });

  use = this.RULE('use', () => {
    this.CONSUME(t.Use);
    this.OR([
      { ALT: () => this.CONSUME(t.StringLiteral) },
      {
        ALT: () => {
          this.CONSUME1(t.Identifier);
          this.MANY(() => {
            this.CONSUME1(t.Dot);
            this.CONSUME2(t.Identifier);
          });
        },
      },
    ]);
    this.CONSUME2(t.Dot);
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.importedName) });
    this.CONSUME(t.RightBrace);
  });

  importedName = this.RULE('importedName', () => {
    this.CONSUME1(t.Identifier, { LABEL: 'name' });
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME2(t.Identifier, { LABEL: 'alias' });
    });
  });

  item = this.RULE('item', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.layer) },
      { ALT: () => this.SUBRULE(this.order) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.model) },
    ]);
  });

  // Declarations

  layer = this.RULE('layer', () => {
    this.CONSUME(t.Layer);
    this.CONSUME(t.Identifier);
    this.OPTION1({
      GATE: () => !this.atInputs() && (this.isNext(3, t.Colon) || this.atTwoBrackets()),
      MAX_LOOKAHEAD: 1,
      DEF: () => this.SUBRULE(this.params),
    });
    this.SUBRULE(this.inputs);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.shape);
    this.OPTION2(() => this.SUBRULE(this.where));
    this.SUBRULE(this.body);
  });

  order = this.RULE('order', () => {
    this.CONSUME(t.Order);
    this.CONSUME(t.Identifier);
    this.OPTION1(() => this.SUBRULE(this.params));
    this.OPTION2(() => this.SUBRULE(this.where));
    this.SUBRULE(this.orderBody);
  });

  orderBody = this.RULE('orderBody', () => {
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.step));
    this.CONSUME(t.RightBrace);
  });

  block = this.RULE('block', () => {
    this.CONSUME(t.Block);
    this.CONSUME(t.Identifier);
    this.OPTION1(() => this.SUBRULE(this.params));
    this.OPTION2(() => this.SUBRULE(this.where));
    this.SUBRULE(this.blockBody);
  });

  blockBody = this.RULE('blockBody', () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.let));
    this.AT_LEAST_ONE(() => this.SUBRULE(this.row));
    this.CONSUME(t.RightBrace);
  });

  model = this.RULE('model', () => {
    this.CONSUME(t.Model);
    this.CONSUME1(t.Identifier, { LABEL: 'name' });
    this.OPTION1({
      GATE: () => !this.atInputs(),
      MAX_LOOKAHEAD: 1,
      DEF: () => this.SUBRULE(this.params),
    });
    this.OPTION2(() => {
      this.SUBRULE(this.inputs);
      this.OPTION3(() => {
        this.CONSUME(t.Arrow);
        this.CONSUME2(t.Identifier, { LABEL: 'output' });
      });
    });
    this.OPTION4(() => this.SUBRULE(this.where));
    this.SUBRULE(this.modelBody);
  });

  modelBody = this.RULE('modelBody', () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.setting) },
        { ALT: () => this.SUBRULE(this.let) },
        { ALT: () => this.SUBRULE(this.budget) },
      ]);
    });
    this.SUBRULE(this.pipeline);
    this.CONSUME(t.RightBrace);
  });

  params = this.RULE('params', () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.param) });
    this.CONSUME(t.RightParen);
  });

  param = this.RULE('param', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.paramType);
    this.OPTION(() => {
      this.CONSUME(t.Equal);
      this.SUBRULE(this.expression);
    });
  });

  paramType = this.RULE('paramType', () => {
    this.OR([
      { ALT: () => this.CONSUME1(t.Identifier, { LABEL: 'name' }) },
      { ALT: () => this.CONSUME(t.Layer, { LABEL: 'name' }) },
      {
        ALT: () => {
          this.CONSUME(t.LeftBrace);
          this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => this.CONSUME2(t.Identifier, { LABEL: 'member' }),
          });
          this.CONSUME(t.RightBrace);
        },
      },
    ]);
  });

  inputs = this.RULE('inputs', () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.input$) });
    this.CONSUME(t.RightParen);
  });

  // Not `input`: that is the parser's own property.
  input$ = this.RULE('inputDeclaration', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.shape);
  });

  shape = this.RULE('shape', () => {
    this.OPTION(() => this.CONSUME(t.Identifier));
    this.CONSUME(t.LeftBracket);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.axis) });
    this.CONSUME(t.RightBracket);
  });

  axis = this.RULE('axis', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.DotDot) },
      {
        ALT: () => {
          this.OPTION(() => {
            this.CONSUME(t.Identifier);
            this.CONSUME(t.Colon);
          });
          this.SUBRULE(this.expression);
        },
      },
    ]);
  });

  where = this.RULE('where', () => {
    this.CONSUME(t.Where);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
  });

  // Statements

  body = this.RULE('body', () => {
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.statement));
    this.SUBRULE(this.expression);
    this.CONSUME(t.RightBrace);
  });

  statement = this.RULE('statement', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.weight) },
      { ALT: () => this.SUBRULE(this.auxiliary) },
    ]);
  });

  let = this.RULE('let', () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Equal);
    this.SUBRULE(this.expression);
  });

  weight = this.RULE('weight', () => {
    this.CONSUME(t.Weight);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.shape);
    this.CONSUME(t.Equal);
    this.SUBRULE(this.expression);
  });

  auxiliary = this.RULE('auxiliary', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Loss) }, { ALT: () => this.CONSUME(t.Measure) }]);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Equal);
    this.SUBRULE(this.expression);
  });

  setting = this.RULE('setting', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.expression);
  });

  budget = this.RULE('budget', () => {
    this.CONSUME(t.Budget);
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.limit));
    this.CONSUME(t.RightBrace);
  });

  limit = this.RULE('limit', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.LessEqual);
    this.OR([
      { ALT: () => this.CONSUME(t.Quantity) },
      { ALT: () => this.CONSUME(t.NumberLiteral) },
    ]);
    this.OPTION(() => {
      this.CONSUME(t.AtSizes);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.limitSize) });
    });
  });

  limitSize = this.RULE('limitSize', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Equal);
    this.CONSUME(t.NumberLiteral);
  });

  row = this.RULE('row', () => {
    this.SUBRULE(this.wiring);
    this.CONSUME(t.Colon);
    this.AT_LEAST_ONE({ GATE: () => !this.atRow(), DEF: () => this.SUBRULE(this.step) });
  });

  wiring = this.RULE('wiring', () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.callArguments));
  });

  pipeline = this.RULE('pipeline', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Arrow, DEF: () => this.SUBRULE(this.step) });
  });

  step = this.RULE('step', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.stepLayer) },
      { ALT: () => this.SUBRULE(this.stepGroup) },
    ]);
    this.OPTION(() => {
      this.CONSUME(t.Star);
      this.SUBRULE(this.times);
    });
  });

  stepLayer = this.RULE('stepLayer', () => {
    this.CONSUME(t.Identifier);
    this.MANY({ GATE: () => this.touching(), DEF: () => this.SUBRULE(this.callArguments) });
  });

  stepGroup = this.RULE('stepGroup', () => {
    this.CONSUME(t.LeftParen);
    this.SUBRULE1(this.step);
    this.MANY(() => {
      this.OPTION(() => this.CONSUME(t.Arrow));
      this.SUBRULE2(this.step);
    });
    this.CONSUME(t.RightParen);
  });

  times = this.RULE('times', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      { ALT: () => this.CONSUME(t.Identifier) },
      { ALT: () => this.SUBRULE(this.parenthesized) },
    ]);
  });

  // Expressions. Operators stay a flat list here; build-expression.ts gives them their ranks.

  expression = this.RULE('expression', () => {
    this.SUBRULE1(this.operand);
    this.MANY({
      GATE: () => !this.beginsWithMinusOnNewLine(),
      DEF: () => {
        this.CONSUME(t.BinaryOperator);
        this.SUBRULE2(this.operand);
      },
    });
  });

  operand = this.RULE('operand', () => {
    this.MANY1(() => {
      this.OR1([
        { ALT: () => this.CONSUME(t.Minus, { LABEL: 'prefix' }) },
        { ALT: () => this.CONSUME(t.Not, { LABEL: 'prefix' }) },
      ]);
    });
    this.SUBRULE(this.primary);
    this.MANY2({
      GATE: () => this.onSameLine(),
      DEF: () => {
        this.OR2([
          { ALT: () => this.SUBRULE(this.callArguments, { LABEL: 'suffix' }) },
          { ALT: () => this.SUBRULE(this.list, { LABEL: 'suffix' }) },
        ]);
      },
    });
  });

  primary = this.RULE('primary', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      { ALT: () => this.CONSUME(t.StringLiteral) },
      { ALT: () => this.CONSUME(t.True) },
      { ALT: () => this.CONSUME(t.False) },
      { ALT: () => this.CONSUME(t.Identifier) },
      // `where` is a keyword in a signature and a function, as in NumPy, in an expression.
      { ALT: () => this.CONSUME(t.Where, { LABEL: 'Identifier' }) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.parenthesized) },
      { ALT: () => this.SUBRULE(this.conditional) },
    ]);
  });

  parenthesized = this.RULE('parenthesized', () => {
    this.CONSUME(t.LeftParen);
    this.SUBRULE(this.expression);
    this.CONSUME(t.RightParen);
  });

  list = this.RULE('list', () => {
    this.CONSUME(t.LeftBracket);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
    this.CONSUME(t.RightBracket);
  });

  callArguments = this.RULE('callArguments', () => {
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.argument) });
    this.CONSUME(t.RightParen);
  });

  argument = this.RULE('argument', () => {
    this.OPTION(() => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.expression);
  });

  conditional = this.RULE('conditional', () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.expression);
    this.SUBRULE1(this.body, { LABEL: 'then' });
    this.CONSUME(t.Else);
    this.OR([
      { ALT: () => this.SUBRULE2(this.body, { LABEL: 'else' }) },
      { ALT: () => this.SUBRULE(this.conditional) },
    ]);
  });

  // Gates

  private isNext(ahead: number, type: TokenType): boolean {
    return tokenMatcher(this.LA(ahead), type);
  }

  /** `(x: [..` or `(x: i32[`: inputs rather than parameters. */
  private atInputs(): boolean {
    if (!this.isNext(3, t.Colon)) return false;
    return this.isNext(4, t.LeftBracket) || this.isNext(5, t.LeftBracket);
  }

  /** `(...) (`: the first of them holds parameters. */
  private atTwoBrackets(): boolean {
    return this.isNext(this.behindBrackets(1), t.LeftParen);
  }

  /** `name:` or `name(...):`, where the next row begins. */
  private atRow(): boolean {
    if (!this.isNext(1, t.Identifier)) return false;
    return this.isNext(this.isNext(2, t.LeftParen) ? this.behindBrackets(2) : 2, t.Colon);
  }

  /** The place behind the `)` that closes the `(` at a place. */
  private behindBrackets(at: number): number {
    let ahead = at;
    let open = 0;
    do {
      if (this.isNext(ahead, t.LeftParen)) open++;
      else if (this.isNext(ahead, t.RightParen)) open--;
      else if (this.isNext(ahead, EOF)) return ahead;
      ahead++;
    } while (open > 0);
    return ahead;
  }

  private onSameLine(): boolean {
    return this.LA(0).endLine === this.LA(1).startLine;
  }

  private touching(): boolean {
    return endOf(this.LA(0)) === this.LA(1).startOffset;
  }

  private beginsWithMinusOnNewLine(): boolean {
    return this.isNext(1, t.Minus) && !this.onSameLine();
  }
}

const endOf = (token: IToken): number => token.startOffset + token.image.length;
