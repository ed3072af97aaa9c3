/** Where an agent's weights come from: what its policy file says. */
import { version } from '../../package.json'
import { latestEpisodes } from '../checkpoint/latest'
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
  const recent = latestEpisodes(new Float32Array(buffers.return_window!), agent, windowNext as number)
  return {
    library: version,
    adapter: gpuName(run.gpu),
    seed: seed as number,
    steps: (iteration as number) * run.sizes.batchSize,
    score: recent.episodes >= RETURN_WINDOW ? recent.returnMean : null,
    config: agentConfig(run.config, agent),
  }
}
