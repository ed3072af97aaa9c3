/** Grids as words: how packed observations lie in memory, and stacks of frames. */
import { type GridSpace, type GridStorage, isPacked, type Observed, obsDim } from './contract'

/** Bits of an entry in each packed storage. */
const ENTRY_BITS: Record<GridStorage, number> = { f32: 32, bits: 1, bytes: 8 }

/** How observations lie in memory, as the kernels see it. */
export interface GridWords {
  /** Whether observations are words of bits or bytes. */
  packed: boolean
  frames: number
  channels: number
  entryBits: number
  perWord: number
  /** Words of one frame. */
  frameWords: number
  /** Words of a row: a stack of frames, rounded up to 4. */
  stackWords: number
}

export function gridWords(spec: Observed, frames = 1): GridWords {
  const { shape, storage } = spec.observation ?? { shape: [1, 1, obsDim(spec)], storage: 'f32' as const }
  const perWord = 32 / ENTRY_BITS[storage]
  return {
    packed: isPacked(spec),
    frames,
    channels: shape[2],
    entryBits: ENTRY_BITS[storage],
    perWord,
    frameWords: Math.ceil(obsDim(spec) / perWord),
    stackWords: wordsOfRow({ shape: [shape[0], shape[1], shape[2] * frames], storage }),
  }
}

/** Words of a row of packed observations, rounded up to 4; 0 where they are floats of the records. */
export function wordsOfRow(observation: GridSpace | undefined): number {
  if (!observation || !isPacked({ observation })) return 0
  const words = (obsDim({ observation }) * ENTRY_BITS[observation.storage]) / 32
  return Math.ceil(words / 4) * 4
}

/** Packs `count` entries from `at` on into words; what does not fit into an entry's bits is cut. */
export function packEntries(
  storage: GridStorage,
  entries: ArrayLike<number>,
  at: number,
  count: number,
  words: Uint32Array,
  wordAt: number,
): void {
  const bits = ENTRY_BITS[storage]
  const perWord = 32 / bits
  const mask = 2 ** bits - 1
  for (let k = 0; k < count; k++) {
    words[wordAt + Math.floor(k / perWord)] |= (entries[at + k] & mask) << ((k % perWord) * bits)
  }
}

/** Entry `k` of the words from `at` on. */
export function entryOf(storage: GridStorage, words: Uint32Array, at: number, k: number): number {
  const bits = ENTRY_BITS[storage]
  const perWord = 32 / bits
  return (words[at + Math.floor(k / perWord)] >>> ((k % perWord) * bits)) & (2 ** bits - 1)
}

/** What the network sees of an entry: a byte as a part of 1. */
export const seen = (storage: GridStorage | undefined, entry: number): number =>
  storage === 'bytes' ? entry / 255 : entry
