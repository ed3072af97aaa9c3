/** Inputs of a twin: the GPU's own f32 values, or the CPU trainer's f64 ones. Arithmetic is f64 either way. */
export type Floats = Float32Array | Float64Array

/** Whether f32, which the GPU computes in, can hold `x`: neither NaN nor too large. */
export const isFinite32 = (x: number): boolean => Number.isFinite(Math.fround(x))

/** The same of `count` numbers from `first` on. */
export function allFinite(values: Floats, first: number, count: number): boolean {
  for (let i = first; i < first + count; i++) if (!isFinite32(values[i])) return false
  return true
}
