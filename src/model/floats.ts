/** Inputs of a twin: the GPU's own f32 values, or the CPU trainer's f64 values. Arithmetic is f64 in both cases. */
export type Floats = Float32Array | Float64Array

/** Whether f32, the GPU's type, can represent `x`: neither NaN nor too large. */
export const isFinite32 = (x: number): boolean => Number.isFinite(Math.fround(x))

/** The same for `count` numbers from `first` on. */
export function allFinite(values: Floats, first: number, count: number): boolean {
  for (let i = first; i < first + count; i++) if (!isFinite32(values[i])) return false
  return true
}
