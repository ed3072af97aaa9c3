/** An error that ends a command with `exitCode`: 3 no usable WebGPU, 4 diverged, 5 device lost. */
export class GpuError extends Error {
  override name = 'GpuError'
  readonly exitCode: 3 | 4 | 5
  constructor(message: string, exitCode: 3 | 4 | 5) {
    super(message)
    this.exitCode = exitCode
  }
}
