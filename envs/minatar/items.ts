/** What moves through Seaquest, as an object and as one word. */
export interface Item {
  x: number
  y: number
  /** It moves right. */
  right: boolean
  /** An enemy submarine. */
  sub: boolean
  /** Steps until it moves, and until it shoots. */
  move: number
  shot: number
}

/** From the lowest bit on: x and y 4 bits each, right and sub 1, move and shot 4. */
const word = ({ x, y, right, sub, move, shot }: Item): number =>
  x | (y << 4) | (Number(right) << 8) | (Number(sub) << 9) | (move << 10) | (shot << 14)

const item = (packed: number): Item => ({
  x: packed & 15,
  y: (packed >> 4) & 15,
  right: ((packed >> 8) & 1) === 1,
  sub: ((packed >> 9) & 1) === 1,
  move: (packed >> 10) & 15,
  shot: (packed >> 14) & 15,
})

export const pack = (list: readonly Item[], places: number): number[] =>
  Array.from({ length: places }, (_, i) => (i < list.length ? word(list[i]) : 0))

export const unpack = (words: readonly number[], count: number): Item[] => words.slice(0, count).map(item)

/** Whether there was a place for it; else it is left out. */
export function append(list: Item[], given: Partial<Item> & { x: number; y: number }, places: number): boolean {
  if (list.length >= places) return false
  list.push({ right: false, sub: false, move: 0, shot: 0, ...given })
  return true
}
