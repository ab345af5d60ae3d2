// WGSL functions for what the language's built-ins do badly on some driver (measured: tanh is NaN from 89 on, sin is off by
// 2e-4, pow loses signs, and the specification has no erf), or mean differently (division of integers).
// Each is text for one element type, scalar or vec4, included where a kernel calls it. Does not print expressions.

/** Functions of f32. `T` stands for f32 or vec4f, `N` for the function's own name. */
const FLOAT_FUNCTIONS = {
  // Cephes' polynomial near zero, where the quotient of exponentials would cancel.
  tanh: `fn N(x: T) -> T {
  let a = min(abs(x), T(10.0));
  let z = a * a;
  let near = (((T(-5.70498872745e-3) * z + T(2.06390887954e-2)) * z - T(5.37397155531e-2)) * z + T(1.33314422036e-1)) * z - T(3.33332819422e-1);
  let far = T(1.0) - T(2.0) / (exp(T(2.0) * a) + T(1.0));
  return sign(x) * select(far, a + a * z * near, a < T(0.625));
}`,
  // Two minimax polynomials that meet at 475/512; the far one stands for log(erfc).
  erf: `fn N(x: T) -> T {
  let a = min(abs(x), T(4.0));
  let s = a * a;
  var far = T(-1.72853470e-5) * a + T(3.83197126e-4);
  far = far * s + (T(-3.88396438e-3) * a + T(2.42546219e-2));
  far = ((far * a - T(1.06777877e-1)) * a - T(6.34846687e-1)) * a - T(1.28717512e-1);
  far = T(1.0) - exp(far * a - a);
  var near = (T(-5.96761703e-4) * s + T(4.99119423e-3)) * s - T(2.67681349e-2);
  near = ((near * s + T(1.12819925e-1)) * s - T(3.76125336e-1)) * s + T(1.28379166e-1);
  return sign(x) * select(far, near * a + a, a < T(0.927734375));
}`,
  sigmoid: `fn N(x: T) -> T {
  return T(1.0) / (T(1.0) + exp(min(-x, T(88.0))));
}`,
  sin: `fn N(x: T) -> T {
  QUARTER
  let odd = select(c, s, q - T(2.0) * floor(q * T(0.5)) == T(0.0));
  return select(odd, -odd, q - T(4.0) * floor(q * T(0.25)) >= T(2.0));
}`,
  cos: `fn N(x: T) -> T {
  QUARTER
  let even = select(s, c, q - T(2.0) * floor(q * T(0.5)) == T(0.0));
  let turn = q + T(1.0);
  return select(even, -even, turn - T(4.0) * floor(turn * T(0.25)) >= T(2.0));
}`,
  // A negative base keeps the sign of an odd power; with a power that is not whole the result is undefined.
  pow: `fn N(x: T, y: T) -> T {
  let size = select(pow(abs(x), y), T(1.0), y == T(0.0));
  let odd = y - T(2.0) * floor(y * T(0.5)) == T(1.0);
  return select(size, -size, (x < T(0.0)) & odd);
}`,
  mod: `fn N(x: T, y: T) -> T {
  return x - y * floor(x / y);
}`,
} as const;

// The remainder of x after q quarter turns, by a three-part pi/2 (exact products up to |q| of some 10^5), and its sine and cosine.
const QUARTER = `let q = floor(x * T(0.636619772) + T(0.5));
  let r = ((x - q * T(1.5703125)) - q * T(4.83751297e-4)) - q * T(7.54978995489e-8);
  let z = r * r;
  let s = r + r * z * ((T(-1.9515295891e-4) * z + T(8.3321608736e-3)) * z - T(1.6666654611e-1));
  let c = T(1.0) - T(0.5) * z + z * z * ((T(2.443315711809948e-5) * z - T(1.388731625493765e-3)) * z + T(4.166664568298827e-2));`;

/** Functions of i32; the quotient by zero is the dividend, the remainder zero, as WGSL has it. */
const INT_FUNCTIONS = {
  idiv: `fn N(x: T, y: T) -> T {
  let q = x / y;
  return select(q, q - T(1), (x % y != T(0)) & ((x < T(0)) != (y < T(0))));
}`,
  imod: `fn N(x: T, y: T) -> T {
  let r = x % y;
  return select(r, r + y, (r != T(0)) & ((r < T(0)) != (y < T(0))));
}`,
} as const;

export type FunctionName = keyof typeof FLOAT_FUNCTIONS | keyof typeof INT_FUNCTIONS;

/** The name under which a kernel calls the function on scalars (`width` 1) or vectors of four. */
export const functionName = (name: FunctionName, width: 1 | 4): string =>
  width === 1 ? `bf_${name}` : `bf_${name}4`;

export function functionText(name: FunctionName, width: 1 | 4): string {
  const [template, type] =
    name in FLOAT_FUNCTIONS
      ? [FLOAT_FUNCTIONS[name as keyof typeof FLOAT_FUNCTIONS], width === 1 ? 'f32' : 'vec4f']
      : [INT_FUNCTIONS[name as keyof typeof INT_FUNCTIONS], width === 1 ? 'i32' : 'vec4i'];
  return template
    .replaceAll('QUARTER', QUARTER)
    .replaceAll(/\bT\b/g, type)
    .replaceAll(/\bN\b/g, functionName(name, width));
}
