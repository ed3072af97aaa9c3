/** Inputs of a twin: the GPU's own f32 values, or the CPU trainer's f64 ones. Arithmetic is f64 either way. */
export type Floats = Float32Array | Float64Array
