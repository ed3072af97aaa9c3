/** The best policy of each agent so far, by the mean return of its evaluations, from the state of a run. */
import { readStruct, reflectStruct } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { actionScale } from '../model/actions'
import { criticDim } from '../model/networkshape'
import { normaliserLayout, readNormaliser } from '../model/normaliser'
import type { Snapshot } from '../plan/kept'
import { policyFile } from '../policy/policyfile'
import type { BestPolicy } from './api'
import { originOf } from './origin'
import type { Run } from './run'

/** Null before the first evaluation of the agent, and without `evalEvery`. */
export function bestOf(run: Run, { buffers }: Pick<Snapshot, 'buffers'>, agent: number): BestPolicy | null {
  if (!buffers.best || !run.spec) return null
  const struct = reflectStruct(SHADERS.get('shaders/lib/data/evaluated.wgsl')!, 'Best')
  const { iteration, returnMean } = readStruct(struct, new DataView(buffers.best), agent * struct.size)
  if (iteration === 0) return null
  const { config, layout, spec, sizes } = run
  const { paramStride, shape } = layout
  const params = new Float32Array(buffers.best_parameters!).slice(agent * paramStride, (agent + 1) * paramStride)
  const { agentFloats } = normaliserLayout(criticDim(shape))
  const normaliser = buffers.best_statistics
    ? readNormaliser(
        config,
        criticDim(shape),
        new Float32Array(buffers.best_statistics).subarray(agent * agentFloats, (agent + 1) * agentFloats),
      )
    : null
  const timesteps = (iteration as number) * sizes.batchSize
  const origin = { ...originOf(run, buffers, agent), steps: timesteps, score: null }
  return {
    ...{ iteration: iteration as number, timesteps, evalReturnMean: returnMean as number },
    file: policyFile(spec, shape, params, normaliser, actionScale(spec, config), origin),
  }
}
