// The names of the functions of the language. Kept apart from what they do, for look-up and for hints.

/** Functions of one tensor that keep its shape: these can stand where an `activation` is wanted. */
export const LAYER_FUNCTIONS: ReadonlySet<string> = new Set([
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'tanh',
  'erf',
  'sigmoid',
  'sin',
  'cos',
  'abs',
]);

export const FUNCTION_NAMES: readonly string[] = [
  ...LAYER_FUNCTIONS,
  'floor',
  'ceil',
  'round_up',
  'min',
  'max',
  'pow',
  'where',
  'f32',
  'i32',
  'sum',
  'mean',
  'softmax',
  'cumsum',
  'einsum',
  'rearrange',
  'iota',
  'concat',
  'slice',
  'shift',
  'depthwise_conv',
  'attend',
  'interleave',
];
