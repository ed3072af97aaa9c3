/** The weights that training begins with. */
import { initCost, initialising } from '../model/init'
import { normaliserLayout, normaliserStride, type Running } from '../model/normaliser'
import { inPieces, type Pieces } from '../model/pieces'
import { agentConfig } from '../options/sweep'
import type { PolicyData } from '../policy/policyfile'
import { type OnPreparing, tellOfWork } from './preparing'
import type { Run } from './run'

/** Orthogonal weights for every agent, from its own seed; of wide layers or many agents that takes a while. */
export async function writeFirstWeights(
  run: Run,
  tell: OnPreparing = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  const total = run.sizes.numAgents * initCost(run.layout)
  await inPieces(firstWeights(run), { onTurn: tellOfWork('firstWeights', tell, total), signal })
}

function* firstWeights(run: Run): Pieces<void> {
  for (let agent = 0; agent < run.sizes.numAgents; agent++) {
    const own = yield* initialising(run.layout, agentConfig(run.config, agent))
    const params = own as Float32Array<ArrayBuffer>
    run.gpu.device.queue.writeBuffer(run.buffers.parameters, agent * params.byteLength, params)
  }
}

/** Every agent begins from the same saved policy. */
export function writeWeights(run: Run, { params, normaliser }: Pick<PolicyData, 'params' | 'normaliser'>): void {
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
