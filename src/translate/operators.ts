/** Operators of WGSL on scalars and vectors in JavaScript: whole numbers wrap at 32 bits, floats are float64. */
import { isFloat, type Scalar, scalar, type Type, vector } from './types'

/** An expression in JavaScript. */
export interface Value {
  js: string
  type: Type
  /** It names something stored: what keeps it must copy it. */
  stored?: boolean
}

/** By precedence, the weakest first. */
export const LEVELS = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>']

const RANK: Record<Scalar, number> = { int: 0, float: 1, bool: 2, i32: 2, u32: 2, f32: 2 }
/** The type of both sides: that without a suffix becomes the other's. */
export const common = (a: Scalar, b: Scalar): Scalar => (RANK[a] >= RANK[b] ? a : b)

const wrapped = (of: Scalar, js: string): string =>
  of === 'u32' ? `((${js}) >>> 0)` : of === 'i32' ? `((${js}) | 0)` : `(${js})`

/** `a op b` for scalars of one type; the right side of a shift is a u32. */
export function scalarOperator(op: string, of: Scalar, a: string, b: string): string {
  if (op === '==' || op === '!=') return `(${a} ${op}= ${b})`
  if (COMPARISONS.includes(op) || op === '&&' || op === '||') return `(${a} ${op} ${b})`
  if (of === 'bool') return op === '^' ? `(${a} !== ${b})` : `((${a} ${op} ${b}) !== 0)`
  if (op === '<<') return wrapped(of === 'int' ? 'i32' : of, `${a} << ${b}`)
  if (op === '>>') return of === 'u32' ? `(${a} >>> ${b})` : `(${a} >> ${b})`
  if (op === '&' || op === '|' || op === '^') return of === 'u32' ? `((${a} ${op} ${b}) >>> 0)` : `(${a} ${op} ${b})`
  if (isFloat(of)) return `(${a} ${op} ${b})`
  if (op === '*' && of !== 'int') return wrapped(of, `Math.imul(${a}, ${b})`)
  if (op === '/') return `Math.trunc(${a} / ${b})`
  return wrapped(of, `${a} ${op} ${b}`)
}

export const scalarOf = ({ type }: Value): Scalar | null =>
  type.kind === 'scalar' || type.kind === 'vector' ? type.of : null
const sizeOf = ({ type }: Value): number => (type.kind === 'vector' ? type.size : 0)

/**
 * `write` for scalars, or for each component if a value is a vector: numbers beside vectors stand for all components.
 */
export function componentwise(of: Scalar, values: readonly Value[], write: (...js: string[]) => string): Value {
  const size = Math.max(...values.map(sizeOf))
  if (size === 0) return { js: write(...values.map(({ js }) => js)), type: scalar(of) }
  const names = values.map((_, i) => 'xyzw'[i])
  const given = values.map(({ js }) => js).join(', ')
  return { js: `R.each((${names.join(', ')}) => ${write(...names)}, ${given})`, type: vector(of, size) }
}

/** Null where the operands have no such operator. */
export function binary(op: string, a: Value, b: Value): Value | null {
  const [left, right] = [scalarOf(a), scalarOf(b)]
  if (!left || !right) return null
  const of = op === '<<' || op === '>>' ? left : common(left, right)
  return componentwise(COMPARISONS.includes(op) ? 'bool' : of, [a, b], (x, y) => scalarOperator(op, of, x, y))
}

export function unary(op: string, a: Value): Value | null {
  const of = scalarOf(a)
  if (!of) return null
  return componentwise(of, [a], (x) => {
    if (op === '!') return `!${x}`
    if (op === '~') return of === 'u32' ? `(~${x} >>> 0)` : `~${x}`
    return of === 'i32' ? `(-${x} | 0)` : `(-${x})`
  })
}

/** A scalar of another type. */
export function converted(to: Scalar, from: Scalar, js: string): string {
  if (to === from) return js
  if (to === 'bool') return `(${js} !== 0)`
  const number = from === 'bool' ? `Number(${js})` : js
  if (isFloat(to)) return number
  if (isFloat(from)) return `R.whole(${number}, ${to === 'u32' ? '0, 4294967295' : '-2147483648, 2147483647'})`
  return wrapped(to, number)
}
