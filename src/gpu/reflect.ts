/**
 * Reads bindings and struct layouts from WGSL source, so that TypeScript never retypes an offset. Understands what this
 * project's kernels use: 4-byte scalars, vectors of them, structs and arrays of constant size.
 */

export interface Binding {
  name: string
  group: number
  binding: number
  access: 'read' | 'read_write' | 'uniform'
  type: string
}

export interface Field {
  name: string
  type: string
  offset: number
  /** Elements when the field is an array, else 1. */
  count: number
  /** Bytes from one element to the next. */
  stride: number
}

export interface StructLayout {
  name: string
  size: number
  align: number
  fields: Field[]
}

const SCALARS = ['f32', 'u32', 'i32']
const strip = (code: string): string => code.replace(/\/\/.*$/gm, '')

const knownBindings = new Map<string, Binding[]>()

/** All bindings of a module, in source order. */
export function reflectBindings(code: string): Binding[] {
  let bindings = knownBindings.get(code)
  if (!bindings) knownBindings.set(code, (bindings = parseBindings(code)))
  return bindings
}

function parseBindings(code: string): Binding[] {
  const pattern =
    /@group\((\d+)\)\s*@binding\((\d+)\)\s*var<\s*(storage|uniform)\s*(?:,\s*(read|read_write))?\s*>\s*(\w+)\s*:\s*([^;]+);/g
  return [...strip(code).matchAll(pattern)].map(([, group, binding, space, access, name, type]) => ({
    name,
    group: Number(group),
    binding: Number(binding),
    access: space === 'uniform' ? 'uniform' : ((access ?? 'read') as Binding['access']),
    type: type.trim(),
  }))
}

/** Layouts already read, by source and struct: rows of metrics are decoded in every iteration. */
const known = new Map<string, Map<string, StructLayout>>()

/** The layout of struct `name`. */
export function reflectStruct(code: string, name: string): StructLayout {
  let layouts = known.get(code)
  if (!layouts) known.set(code, (layouts = new Map()))
  let layout = layouts.get(name)
  if (!layout) layouts.set(name, (layout = parseStruct(code, name)))
  return layout
}

/** The members of struct `name` with their types as they are written. */
export function membersOf(code: string, name: string): { name: string; type: string }[] {
  const body = new RegExp(`\\bstruct\\s+${name}\\s*\\{([^}]*)\\}`).exec(strip(code))?.[1]
  if (body === undefined) throw new Error(`struct ${name}: not declared in the source`)
  return body.split(/,(?![^<]*>)/).flatMap((member) => {
    const match = /^\s*(\w+)\s*:\s*(.+?)\s*$/.exec(member.replace(/\s+/g, ' '))
    return match ? [{ name: match[1], type: match[2] }] : []
  })
}

function parseStruct(code: string, name: string): StructLayout {
  const fields: Field[] = []
  let offset = 0
  let align = 4
  for (const { name: field, type } of membersOf(code, name)) {
    const shape = sizeOf(code, type)
    offset = Math.ceil(offset / shape.align) * shape.align
    fields.push({ name: field, type: shape.element, offset, count: shape.count, stride: shape.stride })
    offset += shape.size
    align = Math.max(align, shape.align)
  }
  return { name, size: Math.ceil(offset / align) * align, align, fields }
}

/** Bytes of a scalar, a vector or a struct. */
export const typeBytes = (code: string, type: string): number => sizeOf(code, type).size

interface TypeShape {
  size: number
  align: number
  element: string
  count: number
  stride: number
}

function sizeOf(code: string, type: string): TypeShape {
  const array = /^array<\s*(.+?)\s*,\s*(\w+)\s*>$/.exec(type)
  if (array) {
    const element = sizeOf(code, array[1])
    const count = constant(code, array[2])
    const stride = Math.ceil(element.size / element.align) * element.align
    return { size: stride * count, align: element.align, element: array[1], count, stride }
  }
  if (SCALARS.includes(type)) return { size: 4, align: 4, element: type, count: 1, stride: 4 }
  const vector = /^vec([234])(?:<\s*(f32|u32|i32)\s*>|([fui]))$/.exec(type)
  if (vector) {
    const n = Number(vector[1])
    return { size: n * 4, align: n === 2 ? 8 : 16, element: type, count: 1, stride: n * 4 }
  }
  const struct = reflectStruct(code, type)
  return { size: struct.size, align: struct.align, element: type, count: 1, stride: struct.size }
}

function constant(code: string, text: string): number {
  if (/^\d+u?$/.test(text)) return Number.parseInt(text, 10)
  const value = new RegExp(`\\bconst\\s+${text}\\s*(?::\\s*\\w+\\s*)?=\\s*(\\d+)u?\\s*;`).exec(strip(code))?.[1]
  if (value === undefined) throw new Error(`constant ${text}: no plain number in the source`)
  return Number(value)
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

/**
 * Writes `values` (camelCase keys) as struct `layout` at byte `offset`. Every field must be given; an unknown key or a
 * missing one is an error, so that a renamed field cannot silently become 0.
 */
export function writeStruct(
  code: string,
  layout: StructLayout,
  values: Record<string, unknown>,
  view: DataView,
  offset = 0,
): void {
  const known = new Set(layout.fields.map((f) => camel(f.name)))
  for (const key of Object.keys(values)) {
    if (!known.has(key)) throw new Error(`struct ${layout.name}: there is no field for ${key}`)
  }
  for (const field of layout.fields) {
    const value = values[camel(field.name)]
    if (value === undefined) throw new Error(`struct ${layout.name}: ${camel(field.name)} is missing`)
    const list = Array.isArray(value) ? value : [value]
    const vector = /^vec([234])/.exec(field.type)
    const expected = vector ? Number(vector[1]) : field.count
    if (list.length !== expected) {
      throw new Error(`struct ${layout.name}: ${camel(field.name)} has ${list.length} entries, expected ${expected}`)
    }
    list.forEach((entry, i) => {
      const at = offset + field.offset + i * (vector ? 4 : field.stride)
      if (typeof entry === 'object' && entry !== null) {
        writeStruct(code, reflectStruct(code, field.type), entry as Record<string, unknown>, view, at)
      } else writeScalar(view, at, field.type, entry)
    })
  }
}

function writeScalar(view: DataView, at: number, type: string, value: unknown): void {
  const number = typeof value === 'boolean' ? Number(value) : (value as number)
  const kind = scalarKind(type)
  if (kind === 'f') view.setFloat32(at, number, true)
  else if (kind === 'u') view.setUint32(at, number, true)
  else view.setInt32(at, number, true)
}

export type StructValue = number | number[] | { [field: string]: StructValue }

/** Reads struct `layout` at byte `offset` into an object with camelCase keys; arrays and vectors become lists. */
export function readStruct(
  code: string,
  layout: StructLayout,
  view: DataView,
  offset = 0,
): { [field: string]: StructValue } {
  const result: { [field: string]: StructValue } = {}
  for (const field of layout.fields) {
    const at = offset + field.offset
    const vector = /^vec([234])/.exec(field.type)
    if (!vector && !SCALARS.includes(field.type)) {
      result[camel(field.name)] = readStruct(code, reflectStruct(code, field.type), view, at)
      continue
    }
    const count = vector ? Number(vector[1]) : field.count
    const step = vector ? 4 : field.stride
    const numbers = Array.from({ length: count }, (_, i) => readScalar(view, at + i * step, field.type))
    result[camel(field.name)] = count === 1 ? numbers[0] : numbers
  }
  return result
}

function readScalar(view: DataView, at: number, type: string): number {
  const kind = scalarKind(type)
  return kind === 'f' ? view.getFloat32(at, true) : kind === 'u' ? view.getUint32(at, true) : view.getInt32(at, true)
}

/** The first letter of a scalar's or a vector's element type. */
export function scalarKind(type: string): string {
  const match = /^vec\d(?:<(\w)32>|(\w))$/.exec(type)
  return match ? (match[1] ?? match[2]) : type[0]
}
