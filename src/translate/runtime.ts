/** What translated WGSL calls. Vectors and arrays are lists, structs are plain objects. */

type Component = number | boolean
type Components = Component | Component[]

/** `write` of each component; what is not a list stands for all components. */
function each(write: (...components: never[]) => Component, ...given: Components[]): Component[] {
  const size = (given.find(Array.isArray) as Component[]).length
  return Array.from({ length: size }, (_, i) =>
    write(...(given.map((one) => (Array.isArray(one) ? one[i] : one)) as never[])),
  )
}

/** A copy with nothing shared: WGSL has values, JavaScript references. */
function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as unknown as unknown[], copy) as T
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)])) as T
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
const leading = (x: number): number => (x === 0 ? -1 : 31 - Math.clz32(x))

/** Halves to the even side, as WGSL rounds. */
function round(x: number): number {
  const rounded = Math.round(x)
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

const bytes = new DataView(new ArrayBuffer(4))
const VIEW = { f32: 'Float32', i32: 'Int32', u32: 'Uint32' } as const
type Number32 = keyof typeof VIEW

export const RUNTIME = {
  each,
  copy,
  dot,
  round,
  pick: (from: number[], ...places: number[]) => places.map((place) => from[place]),
  splat: (size: number, value: Component) => Array<Component>(size).fill(value),
  /** An index that is inside. */
  at: (index: number, count: number) => Math.min(Math.max(index, 0), count - 1),
  whole: (x: number, low: number, high: number) => Math.min(Math.max(Math.trunc(x) || 0, low), high),
  length: (a: number | number[]) => (Array.isArray(a) ? Math.sqrt(dot(a, a)) : Math.abs(a)),
  cross: ([a, b, c]: number[], [x, y, z]: number[]) => [b * z - c * y, c * x - a * z, a * y - b * x],
  smoothstep(low: number, high: number, x: number): number {
    const t = Math.min(Math.max((x - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
  },
  firstLeadingBit: (x: number) => leading(x),
  firstTrailingBit: (x: number) => leading(x & -x),
  countOneBits(x: number): number {
    let count = 0
    for (let rest = x; rest !== 0; rest &= rest - 1) count++
    return count
  },
  bits(to: Number32, from: Number32, x: number): number {
    bytes[`set${VIEW[from]}`](0, x)
    return bytes[`get${VIEW[to]}`](0)
  },
}

export type Runtime = typeof RUNTIME
