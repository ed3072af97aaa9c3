import type { EnvSpec, EnvTwin, StepResult } from '../../envs/env'
import { makeRng, STREAM } from './rng'

/** The environment's CPU twin. @throws when it has none. */
export function twinOf<S>(spec: EnvSpec<S>): EnvTwin<S> {
  if (!spec.twin)
    throw new Error(`${spec.id}: the environment has no CPU twin. Give its spec a \`twin\` to run it on the CPU.`)
  return spec.twin
}

/**
 * One step of the bare environment: advances `state` in place. No clipping of the action, no time limit, no reset, so
 * recorded transitions can be replayed one by one. `step` is the env's global step, `env` its number.
 */
export function envTransition<S>(
  spec: EnvSpec<S>,
  state: S,
  action: ArrayLike<number>,
  seed: number,
  step: number,
  env: number,
): StepResult {
  return twinOf(spec).step(state, action, makeRng(seed, step, STREAM.ENV_STEP, env))
}
