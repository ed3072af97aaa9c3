/** Types of WGSL and their sizes. Source: the WGSL specification, "Memory Layout". */

interface Shape {
  /** Bytes. */
  size: number
  align: number
}

export type Scalar = 'f32' | 'u32' | 'i32'

export interface ScalarType extends Shape {
  kind: 'scalar'
  scalar: Scalar
}
export interface VectorType extends Shape {
  kind: 'vector'
  scalar: Scalar
  width: number
}
export interface ArrayType extends Shape {
  kind: 'array'
  element: Type
  count: number
  /** Stride of an element, in bytes. */
  stride: number
}
export interface StructType extends Shape {
  kind: 'struct'
  name: string
  fields: Field[]
}
/** Has a size, but cannot be read or written by the host: `bool`, `f16`, matrices, atomics. */
export interface OtherType extends Shape {
  kind: 'other'
  name: string
  /** What to use instead. */
  instead: string
}
export type Type = ScalarType | VectorType | ArrayType | StructType | OtherType

export interface Field {
  name: string
  type: Type
  /** Bytes from the start of the struct. */
  offset: number
  /** Of its name, in the source. */
  at: number
}

/** The next multiple of `align`, from `size` on. */
export const roundUp = (align: number, size: number): number => Math.ceil(size / align) * align

const SCALARS: Record<string, ScalarType> = Object.fromEntries(
  (['f32', 'u32', 'i32'] as const).map((scalar) => [scalar, { kind: 'scalar', scalar, size: 4, align: 4 }]),
)
const other = (name: string, size: number, align: number, instead: string): OtherType => {
  return { kind: 'other', name, size, align, instead }
}
const BOOL = other('bool', 4, 4, 'no buffer can hold it; use u32, 0 or 1')
const F16 = other('f16', 2, 2, 'only numbers of 4 bytes are; use f32')
/** Element types by the letter at the end of `vec3f`. */
const LETTERS: Record<string, Type> = { f: SCALARS.f32, u: SCALARS.u32, i: SCALARS.i32, h: F16 }
/** Types that no struct may contain. */
const HANDLES = /^(ptr|sampler|sampler_comparison|texture_\w+)$/

/**
 * A type of the language itself, except arrays.
 * @param text Its source text, for messages: `vec3<f32>`.
 * @param element The contents of its `<>`.
 * @param fail Throws; the message continues after `text`.
 */
export function builtInType(
  name: string,
  text: string,
  element: Type | undefined,
  fail: (what: string) => never,
): Type {
  const plain = name === 'bool' ? BOOL : name === 'f16' ? F16 : Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined
  if (plain && !element) return plain
  if (name === 'atomic' && element) {
    return other(text, 4, 4, 'use its plain type: every environment has its state for itself')
  }
  const vector = /^vec([234])([fuih]?)$/.exec(name)
  if (vector) {
    const [, width, letter] = vector
    const of = letter ? LETTERS[letter] : element
    if (!of || (letter && element)) return fail('is not a vector. Write vec3f, or vec3<f32>')
    return vectorOf(Number(width), of, fail)
  }
  const matrix = /^mat([234])x([234])([fh]?)$/.exec(name)
  if (matrix) {
    const [, columns, rows, letter] = matrix
    const of = letter ? LETTERS[letter] : element
    if (!of || (letter && element)) return fail('is not a matrix. Write mat3x3f, or mat3x3<f32>')
    const { size, align } = vectorOf(Number(rows), of, fail)
    return other(text, Number(columns) * roundUp(align, size), align, `use array<vec${rows}f, ${columns}>`)
  }
  return fail(HANDLES.test(name) ? 'cannot be a member of a struct. Use numbers' : 'is not declared in the source')
}

function vectorOf(width: number, element: Type, fail: (what: string) => never): VectorType | OtherType {
  const align = (width === 2 ? 2 : 4) * element.size
  if (element.kind === 'scalar') {
    return { kind: 'vector', scalar: element.scalar, width, size: width * element.size, align }
  }
  if (element !== BOOL && element !== F16) return fail('is not a vector of numbers')
  return other(`vec${width}<${element.name}>`, width * element.size, align, element.instead)
}
