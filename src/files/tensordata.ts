/** Converts the bytes of a tensor to numbers: the types of JavaScript's arrays, booleans, and small floats. */

/** Types that are read and written unchanged. */
export const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const

interface SmallFloat {
  /** Bits, the highest first: a sign if there is one, the exponent, the mantissa. */
  signed: boolean
  exponent: number
  mantissa: number
  bias: number
  /** Which bits are not a number: an exponent of all ones as in IEEE 754, all bits ones, or a negative zero. */
  special: 'ieee' | 'ones' | 'negative zero'
}
const small = (exponent: number, mantissa: number, bias: number, special: SmallFloat['special'], signed = true) => {
  return { signed, exponent, mantissa, bias, special }
}

/**
 * Floats that are narrower than JavaScript's; f32 represents all their values exactly. Sources: IEEE 754 (F16); the
 * upper half of an f32 (BF16); Micikevicius et al. 2022, "FP8 formats for deep learning" (E5M2, E4M3); Noune et al.
 * 2022 (FNUZ: one zero, no infinity); the OCP specification of microscaling formats (E8M0, powers of two).
 */
const SMALL_FLOATS = {
  F16: small(5, 10, 15, 'ieee'),
  BF16: small(8, 7, 127, 'ieee'),
  F8_E5M2: small(5, 2, 15, 'ieee'),
  F8_E4M3: small(4, 3, 7, 'ones'),
  F8_E5M2FNUZ: small(5, 2, 16, 'negative zero'),
  F8_E4M3FNUZ: small(4, 3, 8, 'negative zero'),
  F8_E8M0: small(8, 0, 127, 'ones', false),
} as const satisfies Record<string, SmallFloat>

export type Dtype = keyof typeof ARRAYS | keyof typeof SMALL_FLOATS | 'BOOL'

export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

const isOf = <T extends object>(table: T, dtype: string): dtype is Extract<keyof T, string> =>
  Object.hasOwn(table, dtype)

/** Bytes of one element, by type, for the types that are read here. */
export const BYTES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(ARRAYS).map(([dtype, { BYTES_PER_ELEMENT }]) => [dtype, BYTES_PER_ELEMENT] as const),
  ...Object.keys(SMALL_FLOATS).map((dtype) => [dtype, dtype.startsWith('F8') ? 1 : 2] as const),
  ['BOOL', 1],
])

/** Other types of the format: complex numbers, and elements of less than a byte. */
export const NOT_READ: readonly string[] = ['C64', 'F4', 'F6_E2M3', 'F6_E3M2']

/**
 * The numbers of `bytes`, the data of one tensor: arrays of its type; small floats as f32, exactly; booleans as bytes 0
 * and 1. Any other byte of a boolean is an error.
 */
export function readNumbers(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>, fail: (what: string) => never): TensorData {
  if (isOf(ARRAYS, dtype)) return new ARRAYS[dtype](bytes.buffer)
  if (isOf(SMALL_FLOATS, dtype)) {
    const bits = BYTES.get(dtype) === 1 ? bytes : new Uint16Array(bytes.buffer)
    return Float32Array.from(bits, (x) => numberOf(x, SMALL_FLOATS[dtype]))
  }
  const bad = bytes.findIndex((byte) => byte > 1)
  return bad < 0 ? bytes : fail(`element ${bad} is byte ${bytes[bad]}, neither 0 (false) nor 1 (true)`)
}

function numberOf(bits: number, { signed, exponent, mantissa, bias, special }: SmallFloat): number {
  const fraction = bits & (2 ** mantissa - 1)
  const power = (bits >> mantissa) & (2 ** exponent - 1)
  const negative = signed && bits >> (mantissa + exponent) !== 0
  const ones = power === 2 ** exponent - 1
  const allOnes = ones && fraction === 2 ** mantissa - 1
  const noNumber = {
    ieee: ones && fraction !== 0,
    ones: allOnes,
    'negative zero': negative && power === 0 && fraction === 0,
  }
  if (noNumber[special]) return Number.NaN
  const normal = !signed || power > 0
  const size =
    special === 'ieee' && ones
      ? Number.POSITIVE_INFINITY
      : (Number(normal) + fraction / 2 ** mantissa) * 2 ** ((normal ? power : 1) - bias)
  return negative ? -size : size
}
