/** An error that ends a command with `exitCode`: 3 no usable WebGPU, 4 diverged, 5 device lost. */
export class GpuError extends Error {
  override name = 'GpuError'
  readonly exitCode: 3 | 4 | 5
  constructor(message: string, exitCode: 3 | 4 | 5) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The GPU has no room for something beside the buffers of the run, which src/run/allocate.ts answers for. */
export class OutOfMemoryError extends Error {
  override name = 'OutOfMemoryError'
  /** @param what What there was no room for, or what the browser says of it. */
  constructor(what: string) {
    super(
      `The GPU is out of memory: ${what.replace(/\.$/, '')}. Use fewer agents or environments (numAgents, numEnvs), fewer ` +
        'steps (numSteps), or narrower layers (hidden); or close what else uses the GPU.',
    )
  }
}

export const isOutOfMemory = (error: object): boolean => error.constructor.name === 'GPUOutOfMemoryError'
