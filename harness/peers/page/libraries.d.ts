/** The libraries have their own types, but are installed only for `--rivals`; without them these names are `any`. */
declare module '@tensorflow/tfjs-core' {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  type Any = any
  export type Tensor = Any
  export type Scalar = Any
  export type Variable = Any
  export const add: Any, addN: Any, clipByValue: Any, concat: Any, conv2d: Any, dispose: Any, div: Any, exp: Any
  export const fused: Any,
    logSoftmax: Any,
    maximum: Any,
    mean: Any,
    minimum: Any,
    mul: Any,
    neg: Any,
    ready: Any,
    setBackend: Any
  export const relu: Any,
    reshape: Any,
    sqrt: Any,
    square: Any,
    squeeze: Any,
    sub: Any,
    sum: Any,
    tanh: Any,
    tensor: Any,
    tensor1d: Any
  export const tensor2d: Any, tidy: Any, train: Any, variable: Any, variableGrads: Any
}
declare module '@tensorflow/tfjs-core/dist/register_all_gradients'
declare module '@tensorflow/tfjs-backend-cpu'
declare module '@tensorflow/tfjs-backend-webgl'
declare module '@tensorflow/tfjs-backend-wasm' {
  export function setWasmPaths(prefix: string): void
}
declare module '@tensorflow/tfjs-backend-webgpu'
declare module '@jax-js/jax' {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  type Any = any
  export type Array = Any
  export const blockUntilReady: Any, defaultDevice: Any, init: Any, jit: Any, lax: Any, nn: Any, numpy: Any, tree: Any
  export const valueAndGrad: Any
}
