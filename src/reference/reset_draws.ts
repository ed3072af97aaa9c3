import type { EnvSpec } from '../env/contract'
import { makeRng, STREAM } from '../env/rng'
import { twinOf } from './replay_envs'

/**
 * How many random numbers the first states at the start of a run take, [numSeeds][numEnvs]: of `numEnvs` environments for
 * each of the seeds `seed`, `seed + 1`, ...
 */
export function resetDraws<S>(spec: EnvSpec<S>, seed: number, numSeeds: number, numEnvs: number): Uint32Array {
  return Uint32Array.from({ length: numSeeds * numEnvs }, (_, i) => {
    const rng = makeRng(seed + Math.floor(i / numEnvs), 0, STREAM.ENV_RESET, i % numEnvs)
    twinOf(spec).reset(rng)
    return rng.draw
  })
}
