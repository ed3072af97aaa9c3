/** The built-in functions of WGSL in JavaScript. */
import { common, componentwise, scalarOf, type Value } from './operators'
import { BOOL, isFloat, type Scalar, scalar } from './types'

type Written = (of: Scalar, ...js: string[]) => string
const math =
  (name: string): Written =>
  (_, ...js) =>
    `Math.${name}(${js.join(', ')})`
const runtime =
  (name: string): Written =>
  (_, ...js) =>
    `R.${name}(${js.join(', ')})`

/** Of each component; the result has the type of the arguments. */
const COMPONENTWISE: Record<string, Written> = {
  ...Object.fromEntries(
    'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh atan2 exp log log2 floor ceil trunc sqrt sign abs min max'
      .split(' ')
      .map((name) => [name, math(name)]),
  ),
  ...Object.fromEntries(
    ['round', 'smoothstep', 'firstTrailingBit', 'countOneBits'].map((name) => [name, runtime(name)]),
  ),
  pow: math('pow'),
  exp2: (_, x) => `(2 ** ${x})`,
  inverseSqrt: (_, x) => `(1 / Math.sqrt(${x}))`,
  fract: (_, x) => `(${x} - Math.floor(${x}))`,
  radians: (_, x) => `(${x} * Math.PI / 180)`,
  degrees: (_, x) => `(${x} * 180 / Math.PI)`,
  saturate: (_, x) => `Math.min(Math.max(${x}, 0), 1)`,
  clamp: (_, x, low, high) => `Math.min(Math.max(${x}, ${low}), ${high})`,
  mix: (_, a, b, t) => `(${a} * (1 - ${t}) + ${b} * ${t})`,
  fma: (_, a, b, c) => `(${a} * ${b} + ${c})`,
  step: (_, edge, x) => `(${edge} <= ${x} ? 1 : 0)`,
  firstLeadingBit: (of, x) =>
    of === 'u32' ? `(R.firstLeadingBit(${x}) >>> 0)` : `R.firstLeadingBit(${x} ^ (${x} >> 31))`,
  countLeadingZeros: (_, x) => `Math.clz32(${x})`,
}

/** Null for a function that is not known, or takes other arguments. */
export function builtIn(name: string, given: readonly Value[]): Value | null {
  const [a, b, c] = given
  const kinds = given.map(scalarOf)
  if (!a || kinds.includes(null)) return null
  const of = (kinds as Scalar[]).reduce(common)
  const float = isFloat(of) ? of : 'f32'
  if (name === 'select' && c) {
    const result = common(kinds[0]!, kinds[1]!)
    return componentwise(result, given, (x, y, condition) => `(${condition} ? ${y} : ${x})`)
  }
  if (name === 'dot' && b) return { js: `R.dot(${a.js}, ${b.js})`, type: scalar(of) }
  if (name === 'cross' && b) return { js: `R.cross(${a.js}, ${b.js})`, type: a.type }
  if (name === 'length') return { js: `R.length(${a.js})`, type: scalar(float) }
  if (name === 'distance' && b) {
    const between = componentwise(float, [a, b], (x, y) => `(${x} - ${y})`)
    return { js: `R.length(${between.js})`, type: scalar(float) }
  }
  if (name === 'normalize') {
    return { js: `((v, l) => R.each((x) => x / l, v))(${a.js}, R.length(${a.js}))`, type: a.type }
  }
  if (name === 'any' || name === 'all') {
    if (a.type.kind !== 'vector') return { js: a.js, type: BOOL }
    return { js: `${a.js}.${name === 'any' ? 'some' : 'every'}(Boolean)`, type: BOOL }
  }
  const write = Object.hasOwn(COMPONENTWISE, name) ? COMPONENTWISE[name] : undefined
  return write ? componentwise(of, given, (...js) => write(of, ...js)) : null
}
