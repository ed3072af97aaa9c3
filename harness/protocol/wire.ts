/**
 * Encodes plain objects with typed arrays as text, and decodes them, for messages between Node and the page. A typed
 * array becomes `{"$": "Float32Array", "b": "<base64>"}`, a non-finite number `{"$": "NaN"}`, and an object with its
 * own `$` is wrapped, so that decoding gives every value back unchanged.
 */

/** A message of the page to Node about the call `id`; `body` is encoded. */
export type PageMessage = { id: number; kind: 'event' | 'result' | 'error' | 'beat'; body: string }

const ARRAYS = { Float32Array, Float64Array, Uint32Array, Int32Array, Uint8Array }
type ArrayKind = keyof typeof ARRAYS
type WireArray = InstanceType<(typeof ARRAYS)[ArrayKind]>

const NUMBERS: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 }

const isArray = (value: unknown): value is WireArray =>
  ArrayBuffer.isView(value) && Object.hasOwn(ARRAYS, value.constructor.name)

function toBase64(bytes: Uint8Array): string {
  if (typeof Buffer !== 'undefined')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  // String.fromCharCode takes its characters as arguments, whose number is limited.
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += 32768) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)))
  }
  return btoa(parts.join(''))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  // Copied, because Buffer's pool has offsets that are not multiples of 8.
  if (typeof Buffer !== 'undefined') return new Uint8Array(Buffer.from(text, 'base64'))
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

function pack(value: unknown, path: string): unknown {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value
    return { $: Object.is(value, -0) ? '-0' : String(value) }
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (isArray(value)) {
    return { $: value.constructor.name, b: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) }
  }
  if (Array.isArray(value)) return value.map((v, i) => (v === undefined ? null : pack(v, `${path}[${i}]`)))
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(
      `${path}: a ${value?.constructor?.name ?? typeof value} cannot cross between Node and the page.`,
    )
  }
  const packed: Record<string, unknown> = {}
  for (const [key, v] of Object.entries(value as object)) {
    if (v !== undefined) define(packed, key, pack(v, `${path}.${key}`))
  }
  return Object.hasOwn(packed, '$') ? { $: 'object', o: packed } : packed
}

function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack)
  if (value === null || typeof value !== 'object') return value
  const { $: kind, b, o } = value as { $?: string; b?: string; o?: object }
  if (kind === undefined) return unpackFields(value)
  if (kind === 'object') return unpackFields(o!)
  if (Object.hasOwn(NUMBERS, kind)) return NUMBERS[kind]
  if (Object.hasOwn(ARRAYS, kind)) return new ARRAYS[kind as ArrayKind](fromBase64(b!).buffer)
  throw new TypeError(`unknown kind ${JSON.stringify(kind)} in a message between Node and the page.`)
}

function unpackFields(value: object): object {
  const fields: Record<string, unknown> = {}
  for (const [key, v] of Object.entries(value)) define(fields, key, unpack(v))
  return fields
}

/** Sets a field, also `__proto__`, as an ordinary one. */
function define(fields: object, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true })
}

/** @throws TypeError for anything but JSON values and the five kinds of typed arrays. */
export const encode = (value: unknown): string => (value === undefined ? '' : JSON.stringify(pack(value, 'value')))

/** The inverse of `encode`. */
export const decode = (text: string): unknown => (text === '' ? undefined : unpack(JSON.parse(text)))
