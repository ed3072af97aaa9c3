/** The initial weights of training. */
import type { PpoConfig } from '../config/config'
import { initCost, initialisingAll } from '../model/init'
import { criticDim, type NetworkLayout } from '../model/network'
import { normaliserLayout, normaliserStride, type Running } from '../model/normaliser'
import { inPieces } from '../model/pieces'
import { agentConfig } from '../options/sweep'
import type { PolicyData } from '../policy/policyfile'
import { type OnPreparing, tellOfWork } from './preparing'
import type { Run } from './run'

/** A saved policy to start from. */
export type FirstPolicy = Pick<PolicyData, 'params' | 'normaliser'>

/** How to report long work, and the signal that ends it. */
export interface Told {
  tell?: OnPreparing
  signal?: AbortSignal
}

/**
 * Gives `take` the orthogonal weights of every agent, from its own seed. This takes a while for wide layers or many
 * agents.
 * @throws AbortError if `signal` is aborted.
 */
export async function makeFirstWeights(
  layout: NetworkLayout,
  config: PpoConfig,
  take: (params: Float32Array, agent: number) => void,
  { tell = () => undefined, signal }: Told = {},
): Promise<void> {
  const agents = Array.from({ length: config.numAgents }, (_, agent) => agentConfig(config, agent))
  const onTurn = tellOfWork('firstWeights', tell, agents.length * initCost(layout))
  await inPieces(initialisingAll(layout, agents, take), { onTurn, signal })
}

/** Writes them to the run. */
export const writeFirstWeights = (run: Run, told?: Told): Promise<void> =>
  makeFirstWeights(
    run.layout,
    run.config,
    (own, agent) => {
      const params = own as Float32Array<ArrayBuffer>
      run.gpu.device.queue.writeBuffer(run.buffers.parameters, agent * params.byteLength, params)
    },
    told,
  )

/** Starts every agent with the same saved policy. */
export function writeWeights(run: Run, { params, normaliser }: FirstPolicy): void {
  const { queue } = run.gpu.device
  const seenDim = criticDim(run.layout.shape)
  const at = normaliserLayout(seenDim)
  const write = (buffer: GPUBuffer, float: number, data: ArrayLike<number>) =>
    queue.writeBuffer(buffer, 4 * float, Float32Array.from(data))
  for (let agent = 0; agent < run.sizes.numAgents; agent++) {
    write(run.buffers.parameters, agent * run.layout.paramStride, params)
    const first = agent * normaliserStride(seenDim, run.sizes.numEnvs)
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
