import type { EnvSpec } from '../env/contract'
import { episodeParams } from '../env/params'
import { makeRng, STREAM } from '../env/rng'
import type { ParamSettings } from '../options/params'
import { twinOf } from './replay_envs'

/**
 * How many random numbers first states draw, [numSeeds][numEnvs]: of `numEnvs` environments for each of the seeds `seed`,
 * `seed + 1`, ... `states` gets them; before, it has the last states of the episodes before. Without it, first episodes.
 */
export function resetDraws<S>(
  spec: EnvSpec<S>,
  seed: number,
  numSeeds: number,
  numEnvs: number,
  settings: ParamSettings = {},
  states: S[] = [],
): Uint32Array {
  return Uint32Array.from({ length: numSeeds * numEnvs }, (_, i) => {
    const [own, env] = [seed + Math.floor(i / numEnvs), i % numEnvs]
    const rng = makeRng(own, 0, STREAM.ENV_RESET, env)
    states[i] = twinOf(spec).reset(rng, episodeParams(spec, settings, own, 0, env), states[i])
    return rng.draw
  })
}
