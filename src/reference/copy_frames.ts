/** Rows of one agent in a buffer: where the first begins, and from one environment to the next. */
export interface Rows {
  data: Uint32Array
  at: number
  stride: number
}

/** Copies the stacks of all environments, `words` words each. */
export function copyFrames(source: Rows, target: Rows, numEnvs: number, words: number): void {
  for (let env = 0; env < numEnvs; env++) {
    for (let k = 0; k < words; k++) {
      target.data[target.at + env * target.stride + k] = source.data[source.at + env * source.stride + k]
    }
  }
}
