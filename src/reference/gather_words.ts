/** Copies rows of `words` words each: row i of `target` is row `indices[i]` of `source`. */
export function gatherWords(source: Uint32Array, words: number, indices: ArrayLike<number>, target: Uint32Array): void {
  for (let i = 0; i < indices.length; i++) {
    for (let k = 0; k < words; k++) target[i * words + k] = source[indices[i] * words + k]
  }
}
