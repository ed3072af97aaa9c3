/** The colours of a gif: at most 255, and one place for what does not change. */
import { type Palette, quantize } from 'gifenc'

const MOST_COLOURS = 255

export class Colours {
  private readonly nearest = new Map<number, { index: number; error: number }>()

  private constructor(
    readonly palette: Palette,
    /** The index that stands for what does not change. */
    readonly unchanged: number,
  ) {}

  /** For a picture of these pixels: all of its colours if there are few enough. */
  static of(pixels: Uint8ClampedArray<ArrayBuffer>, words: Uint32Array): Colours {
    const exact = new Set<number>()
    for (const word of words) {
      if (exact.has(word)) continue
      if (exact.add(word).size > MOST_COLOURS) break
    }
    const fits = exact.size <= MOST_COLOURS
    const chosen = fits ? Array.from(exact, parts) : quantize(pixels, MOST_COLOURS, { format: 'rgb565' })
    return new Colours([...chosen, [0, 0, 0]], chosen.length)
  }

  /**
   * The index of each pixel; of one as in `before`, `unchanged`. Null if a colour is further from all here than
   * `mostError`, the sum of the distances in red, green and blue.
   */
  indices(now: Uint32Array, before: Uint32Array | null, mostError: number): Uint8Array | null {
    const out = new Uint8Array(now.length).fill(this.unchanged)
    let [last, index] = [-1, 0]
    for (let i = 0; i < now.length; i++) {
      const word = now[i]
      if (before && before[i] === word) continue
      if (word !== last) {
        const found = this.find(word)
        if (found.error > mostError) return null
        ;[last, index] = [word, found.index]
      }
      out[i] = index
    }
    return out
  }

  private find(word: number): { index: number; error: number } {
    const known = this.nearest.get(word)
    if (known) return known
    const [r, g, b] = parts(word)
    const best = { index: 0, error: Number.POSITIVE_INFINITY }
    for (let i = 0; i < this.unchanged; i++) {
      const [red, green, blue] = this.palette[i]
      const error = Math.abs(red - r) + Math.abs(green - g) + Math.abs(blue - b)
      if (error < best.error) Object.assign(best, { index: i, error })
    }
    this.nearest.set(word, best)
    return best
  }
}

/** Red, green, blue of a pixel as a word. */
const parts = (word: number): number[] => [word & 255, (word >> 8) & 255, (word >> 16) & 255]
