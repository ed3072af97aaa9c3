/** A saved policy, put into a run. */
import { normaliserLayout, normaliserStride, type Running } from '../../normaliser'
import type { Run } from '../../run'
import type { Weights } from '../protocol'

/** Every agent begins from the same saved policy. */
export function writeWeights(run: Run, { params, normaliser }: Weights): void {
  const { queue } = run.gpu.device
  const { obsDim } = run.layout.shape
  const at = normaliserLayout(obsDim)
  const write = (buffer: GPUBuffer, float: number, data: ArrayLike<number>) =>
    queue.writeBuffer(buffer, 4 * float, Float32Array.from(data))
  for (let agent = 0; agent < run.sizes.numAgents; agent++) {
    write(run.buffers.parameters, agent * run.layout.paramStride, params)
    const first = agent * normaliserStride(obsDim, run.sizes.numEnvs)
    const put = (running: Running | null | undefined, mean: number, variance: number, count: number) => {
      if (!running) return
      write(run.buffers.normaliser, first + mean, running.mean)
      write(run.buffers.normaliser, first + variance, running.variance)
      write(run.buffers.normaliser, first + count, [running.count])
    }
    put(normaliser?.obs, at.obsMean, at.obsVar, at.obsCount)
    put(normaliser?.returns, at.returnMean, at.returnVar, at.returnCount)
  }
}
