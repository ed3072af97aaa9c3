/** Eight numbers of 0 to 15 in one u32. */
export const nibble = (word: number, i: number): number => (word >>> (4 * i)) & 15

export const withNibble = (word: number, i: number, value: number): number =>
  ((word & ~(15 << (4 * i))) | (value << (4 * i))) >>> 0
