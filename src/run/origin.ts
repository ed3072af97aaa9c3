/** Where an agent's weights come from: what its policy file says. */
import { version } from '../../package.json'
import { gpuName } from '../gpu/device'
import { readStruct, reflectStruct } from '../gpu/reflect'
import { RETURN_WINDOW } from '../metrics'
import { agentConfig } from '../options/sweep'
import type { KeptBuffer } from '../plan/kept'
import type { PolicyOrigin } from '../policy/origin'
import type { Run } from './run'

/** @param buffers The contents of the run's buffers after the iteration that gave the weights. */
export function originOf(
  run: Run,
  buffers: Readonly<Partial<Record<KeptBuffer, ArrayBuffer>>>,
  agent: number,
): PolicyOrigin {
  const layout = reflectStruct(run.kernels.control.code, 'Progress')
  const { seed, iteration, windowNext } = readStruct(layout, new DataView(buffers.progress!), agent * layout.size)
  return {
    library: version,
    adapter: gpuName(run.gpu),
    seed: seed as number,
    steps: (iteration as number) * run.sizes.batchSize,
    score: recentReturn(new Float32Array(buffers.return_window!), agent, windowNext as number),
    config: agentConfig(run.config, agent),
  }
}

/** The mean return over the latest iterations with 100 episodes, as `control` computes it; null with fewer. */
function recentReturn(window: Float32Array, agent: number, next: number): number | null {
  let [episodes, sum] = [0, 0]
  for (let back = 1; back <= Math.min(next, RETURN_WINDOW) && episodes < RETURN_WINDOW; back++) {
    const at = 2 * (agent * RETURN_WINDOW + ((next - back) % RETURN_WINDOW))
    episodes += window[at]
    sum = Math.fround(sum + window[at + 1])
  }
  return episodes >= RETURN_WINDOW ? Math.fround(sum / episodes) : null
}
