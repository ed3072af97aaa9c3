/** The numbers of WGSL's `EnvState`, word by word, and the twin's plain object of the same state. */
import { reflectStruct, type StructLayout, type Type } from '../gpu/reflect'

/** One 4-byte scalar of the state. */
export interface StateWord {
  /** Path in the twin's object: `['theta']`, `['legs', 1, 'angle']`, `['velocity', 0]` for a vector. */
  path: (string | number)[]
  /** The same as text: `legs[1].angle`. */
  name: string
  kind: 'f32' | 'u32' | 'i32'
  /** In 4-byte words from the start of the struct. */
  offset: number
}

/** All scalars of the state that the linked source `code` declares, in order; padding is left out. */
export const stateWords = (code: string): StateWord[] => wordsOf(reflectStruct(code, 'EnvState'))

/** The same of a layout. */
export const wordsOf = (layout: StructLayout): StateWord[] => wordsIn(layout, [], 0)

/** @param at Offset in bytes. */
function wordsIn(type: Type, path: StateWord['path'], at: number): StateWord[] {
  switch (type.kind) {
    case 'struct':
      return type.fields.flatMap((field) => wordsIn(field.type, [...path, field.name], at + field.offset))
    case 'array':
      return Array.from({ length: type.count }, (_, i) =>
        wordsIn(type.element, [...path, i], at + i * type.stride),
      ).flat()
    case 'vector':
      return Array.from({ length: type.width }, (_, i) => word([...path, i], type.scalar, at / 4 + i))
    case 'scalar':
      return [word(path, type.scalar, at / 4)]
    case 'other':
      throw new Error(`${path}: ${type.name} is not a number of the state`) // reflectStruct refuses it
  }
}

const word = (path: StateWord['path'], kind: StateWord['kind'], offset: number): StateWord => ({
  path,
  name: path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i > 0 ? `.${part}` : part)).join(''),
  kind,
  offset,
})

/** A state of the GPU as the twin's object: numbers, lists for vectors and arrays, objects for structs. */
export type StateObject = { [field: string]: unknown }

const VIEWS = { f32: Float32Array, u32: Uint32Array, i32: Int32Array }

/** The number of `word` in the state that starts at word `at` of `data`. */
export const readWord = (word: StateWord, data: Uint32Array, at: number): number =>
  new VIEWS[word.kind](data.buffer as ArrayBuffer, data.byteOffset + 4 * (at + word.offset), 1)[0]

export const writeWord = (word: StateWord, data: Uint32Array, at: number, value: number): void => {
  new VIEWS[word.kind](data.buffer as ArrayBuffer, data.byteOffset + 4 * (at + word.offset), 1)[0] = value
}

/** The state that starts at word `at` of `data`. */
export function readState(words: readonly StateWord[], data: Uint32Array, at: number): StateObject {
  const state: StateObject = {}
  for (const word of words) setNumber(state, word, readWord(word, data, at))
  return state
}

/** The number of `word` in a twin's state; undefined if the twin has none. */
export function numberOf(state: unknown, word: StateWord): number | undefined {
  let value = state
  for (const part of word.path) value = (value as StateObject | null | undefined)?.[part]
  return typeof value === 'number' ? value : undefined
}

/** Writes a twin's state to `data`, at word 0. A field that the twin lacks stays as it is. */
export function packState(words: readonly StateWord[], state: unknown, data: Uint32Array): void {
  for (const word of words) {
    const value = numberOf(state, word)
    if (value !== undefined) writeWord(word, data, 0, value)
  }
}

export function setNumber(state: StateObject, word: StateWord, value: number): void {
  let place = state
  word.path.slice(0, -1).forEach((part, i) => {
    place = (place[part] ??= typeof word.path[i + 1] === 'number' ? [] : {}) as StateObject
  })
  place[word.path[word.path.length - 1]] = value
}
