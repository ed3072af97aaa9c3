/**
 * Bindings and struct layouts, read from WGSL source, so that TypeScript never repeats an offset; and reading and
 * writing of structs. Structs contain 4-byte scalars, vectors, arrays and structs of them; anything else is an error.
 */
import { evaluate } from '../wgsl/constants'
import { Types } from '../wgsl/layout'
import type { Module } from '../wgsl/module'
import { textOf, WgslError } from '../wgsl/tokens'
import type { Scalar, StructType, Type } from '../wgsl/types'

export type { Type } from '../wgsl/types'
export type StructLayout = StructType

export interface Binding {
  name: string
  group: number
  binding: number
  access: 'read' | 'read_write' | 'uniform'
  type: string
}

/**
 * What has been parsed from a source: bindings, and layouts by name. Cached, because every iteration decodes metrics.
 */
interface Known {
  bindings?: Binding[]
  types: Types
  layouts: Map<string, StructLayout>
}
const known = new Map<string, Known>()
/** Number of cached sources; a run has about 20. */
const MOST_KNOWN = 512

function knownOf(code: string): Known {
  let found = known.get(code)
  if (found) return found
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(code, (found = { types: Types.of(code), layouts: new Map() }))
  return found
}

/** All bindings of a module, in source order. */
export function reflectBindings(code: string): Binding[] {
  const found = knownOf(code)
  return (found.bindings ??= readBindings(found.types.module))
}

function readBindings(module: Module): Binding[] {
  return module.declarations.flatMap(({ kind, name, attributes, space: [space, access = 'read'], type }) => {
    if (kind !== 'var' || (space !== 'storage' && space !== 'uniform')) return []
    const [group, binding] = ['group', 'binding'].map((wanted) => {
      const attribute = attributes.find((attribute) => attribute.name === wanted)
      if (!attribute) throw new Error(`var ${name}: has no @${wanted}`)
      return evaluate(module, attribute.arguments)
    })
    return [
      { name, group, binding, access: (space === 'uniform' ? space : access) as Binding['access'], type: textOf(type) },
    ]
  })
}

/**
 * The layout of struct `name`, or of the struct that the alias `name` means.
 * @throws WgslError, with its place, if a member cannot be read: none is ever left out.
 */
export function reflectStruct(code: string, name: string): StructLayout {
  const { types, layouts } = knownOf(code)
  let layout = layouts.get(name)
  if (layout) return layout
  const declared = types.module.named.get(name)
  if (!declared) throw new WgslError(`struct ${name}: not declared in the source`, 0)
  const type = types.read([{ kind: 'name', text: name, at: declared.at }])
  if (type.kind !== 'struct') throw new WgslError(`struct ${name}: is not a struct`, declared.at)
  checkReadable(type, name, declared.at)
  layouts.set(name, (layout = type))
  return layout
}

/** Only numbers of 4 bytes can be read and written. */
function checkReadable(type: Type, path: string, at: number): void {
  if (type.kind === 'other') throw new WgslError(`${path}: ${type.name} is not possible here: ${type.instead}`, at)
  if (type.kind === 'array') checkReadable(type.element, path, at)
  if (type.kind === 'struct') {
    for (const field of type.fields) checkReadable(field.type, `${path}.${field.name}`, field.at)
  }
}

/** `adam_step` in TypeScript's case: `adamStep`. */
export const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

/**
 * Writes `values` (camelCase keys) as struct `layout` at byte `offset`: lists for vectors and arrays, objects for
 * structs, booleans as 0 and 1. Every field must be given; an unknown or missing key is an error, so that a renamed
 * field cannot silently become 0.
 */
export function writeStruct(layout: StructLayout, values: object, view: DataView, offset = 0): void {
  writeFields(layout, values, view, offset, `struct ${layout.name}: `)
}

function writeFields(type: StructType, values: object, view: DataView, offset: number, path: string): void {
  const fields = new Map(type.fields.map((field) => [camel(field.name), field]))
  for (const key of Object.keys(values)) {
    if (!fields.has(key)) throw new Error(`${path}there is no field for ${key}`)
  }
  for (const [key, field] of fields) {
    const value = (values as Record<string, unknown>)[key]
    if (value === undefined) throw new Error(`${path}${key} is missing`)
    writeValue(field.type, value, view, offset + field.offset, `${path}${key}`)
  }
}

function writeValue(type: Type, value: unknown, view: DataView, at: number, path: string): void {
  if (type.kind === 'struct') {
    if (typeof value !== 'object' || value === null) throw new Error(`${path} is ${value}, not an object`)
    writeFields(type, value, view, at, `${path}.`)
  } else if (type.kind === 'scalar') writeScalar(type.scalar, value, view, at, path)
  else writeList(type, value, view, at, path)
}

function writeList(type: Type, value: unknown, view: DataView, at: number, path: string): void {
  const { count, stride } = listOf(type)
  if (!isList(value)) throw new Error(`${path} is ${value}, not a list of ${count}`)
  if (value.length !== count) throw new Error(`${path} has ${value.length} entries, expected ${count}`)
  for (let i = 0; i < count; i++) {
    const place = `${path}[${i}]`
    if (type.kind === 'array') writeValue(type.element, value[i], view, at + i * stride, place)
    else if (type.kind === 'vector') writeScalar(type.scalar, value[i], view, at + i * stride, place)
  }
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value)

/** Number of elements of an array or a vector, and their stride in bytes. */
const listOf = (type: Type): { count: number; stride: number } =>
  type.kind === 'array' ? type : { count: type.kind === 'vector' ? type.width : 0, stride: 4 }

const WRITE = { f32: 'setFloat32', u32: 'setUint32', i32: 'setInt32' } as const
const READ = { f32: 'getFloat32', u32: 'getUint32', i32: 'getInt32' } as const

function writeScalar(scalar: Scalar, value: unknown, view: DataView, at: number, path: string): void {
  if (typeof value !== 'number' && typeof value !== 'boolean') throw new Error(`${path} is ${value}, not a number`)
  view[WRITE[scalar]](at, Number(value), true)
}

export type StructValue = number | StructValue[] | { [field: string]: StructValue }

/** Reads struct `layout` at byte `offset` into an object with camelCase keys; arrays and vectors become lists. */
export function readStruct(layout: StructLayout, view: DataView, offset = 0): { [field: string]: StructValue } {
  return Object.fromEntries(
    layout.fields.map(({ name, type, offset: at }) => [camel(name), readValue(type, view, offset + at)]),
  )
}

function readValue(type: Type, view: DataView, at: number): StructValue {
  if (type.kind === 'struct') return readStruct(type, view, at)
  if (type.kind === 'scalar') return view[READ[type.scalar]](at, true)
  const { count, stride } = listOf(type)
  return Array.from({ length: count }, (_, i) => {
    if (type.kind === 'vector') return view[READ[type.scalar]](at + i * stride, true)
    return readValue((type as Extract<Type, { kind: 'array' }>).element, view, at + i * stride)
  })
}

/** A struct of zeros, to be filled: for `writeStruct`. */
export const zerosOf = (layout: StructLayout): { [field: string]: StructValue } =>
  readStruct(layout, new DataView(new ArrayBuffer(layout.size)))
