/** Which part of a picture differs from the one before. */
import type { FilmSize } from './formats'

export interface Part extends FilmSize {
  x: number
  y: number
}

/**
 * The smallest rectangle around the pixels that differ, with even `x` and `y`; a small one if none does. `before` is null
 * for the first picture.
 */
export function changedPart(before: Uint32Array | null, now: Uint32Array, { width, height }: FilmSize): Part {
  if (!before) return { x: 0, y: 0, width, height }
  const rowDiffers = (y: number) => {
    for (let i = y * width; i < (y + 1) * width; i++) if (before[i] !== now[i]) return true
    return false
  }
  let top = 0
  while (top < height && !rowDiffers(top)) top++
  if (top === height) return { x: 0, y: 0, width: 1, height: 1 }
  let bottom = height - 1
  while (!rowDiffers(bottom)) bottom--
  let [left, right] = [width - 1, 0]
  for (let y = top; y <= bottom; y++) {
    const row = y * width
    for (let x = 0; x < left; x++) {
      if (before[row + x] === now[row + x]) continue
      left = x
      break
    }
    for (let x = width - 1; x > right; x--) {
      if (before[row + x] === now[row + x]) continue
      right = x
      break
    }
  }
  const [x, y] = [left & ~1, top & ~1]
  return { x, y, width: Math.max(right, left) - x + 1, height: bottom - y + 1 }
}

/** Pixels as words. */
export const wordsOf = (pixels: Uint8ClampedArray<ArrayBuffer>): Uint32Array<ArrayBuffer> =>
  new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4)
