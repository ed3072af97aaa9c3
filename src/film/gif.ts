/** gif: what does not change is transparent, and a picture with other colours gets a palette of its own. */
import { GIFEncoder } from 'gifenc'
import { wordsOf } from './changed'
import { Colours } from './colours'
import type { FilmSize, FilmWriter } from './formats'

/** How far a colour may be from the palette's: the sum of the distances in red, green and blue. */
const MOST_ERROR = 24

export function gifWriter({ width, height }: FilmSize): FilmWriter {
  const gif = GIFEncoder()
  let before: Uint32Array | null = null
  let first: Colours | undefined
  let colours: Colours | undefined
  return {
    codec: 'GIF',
    async add(pixels, from, until) {
      const now = wordsOf(pixels)
      let indices = colours?.indices(now, before, MOST_ERROR)
      if (!indices) {
        colours = Colours.of(pixels, now)
        indices = colours.indices(now, before, Number.POSITIVE_INFINITY)!
      }
      const { palette, unchanged } = colours!
      const own = colours !== first || before === null
      first ??= colours
      gif.writeFrame(indices, width, height, {
        ...(own ? { palette } : {}),
        // A player counts hundredths of a second: the rounded ends add up to the film's length.
        delay: 10 * (Math.round(100 * until) - Math.round(100 * from)),
        ...{ dispose: 1, transparent: before !== null, transparentIndex: unchanged },
      })
      before = now.slice()
    },
    async finish() {
      gif.finish()
      return gif.bytes()
    },
    async cancel() {},
  }
}
