/** An error that ends a command with `exitCode`: 3 no usable WebGPU, 4 training diverged, 5 device lost. */
export class GpuError extends Error {
  override name = 'GpuError'
  readonly exitCode: 3 | 4 | 5
  constructor(message: string, exitCode: 3 | 4 | 5) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Out of memory for something other than the buffers of the run, whose error is in src/run/allocate.ts. */
export class OutOfMemoryError extends Error {
  override name = 'OutOfMemoryError'
  /** @param what What did not fit, or the browser's message. */
  constructor(what: string) {
    super(
      `The GPU is out of memory: ${what.replace(/\.$/, '')}. Use fewer agents or environments (numAgents, numEnvs), fewer ` +
        'steps (numSteps), or narrower layers (hidden); or close what else uses the GPU.',
    )
  }
}

export const isOutOfMemory = (error: object): boolean => error.constructor.name === 'GPUOutOfMemoryError'
