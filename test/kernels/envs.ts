/** An environment with a box of actions, random steps and an end that a test can set; and states as structs. */

import type { EnvSpec } from '../../src/env/contract'
import { hasParams } from '../../src/env/params'
import { uniform } from '../../src/env/rng'
import { link, type Slot } from '../../src/gpu/link'
import type { StructValue } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { paramRecords } from '../../src/plan/params'
import type { EpisodeRecord } from '../../src/reference/episode_stats'
import { type Structs, withTail } from '../support/kernel'

export type DriftState = { x: number; count: number }

const wgsl = `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = 3u;
const ACTION_DIM = 3u;
alias Action = array<f32, ACTION_DIM>;
struct EnvState {
  x: f32,
  count: f32,
}
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  return EnvState(2.0 * rng_uniform(rng) - 1.0, 0.0);
}
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let x = 0.5 * s.x + action[0] + 2.0 * action[1] - action[2] + rng_uniform(rng);
  *state = EnvState(x, s.count + 1.0);
  return StepResult(-x * x, select(0u, 1u, s.count + 1.0 >= 4.0));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.x, state.count, 2.0 * state.x);
}
`

/** x drifts with the actions and a uniform number; terminates at the fourth step. */
export const driftEnv: EnvSpec<DriftState> = {
  id: 'Drift',
  observations: ['x', 'count', 'twice x'],
  actionSpace: { kind: 'box', low: [-1, -2, -0.5], high: [1, 2, 0.25] },
  actions: ['a', 'b', 'c'],
  maxEpisodeSteps: 100,
  rewardThreshold: null,
  preset: {},
  wgsl,
  wgslFile: 'test/kernels/envs.ts',
  twin: {
    reset: (rng) => ({ x: 2 * uniform(rng) - 1, count: 0 }),
    step(state, action, rng) {
      state.x = 0.5 * state.x + action[0] + 2 * action[1] - action[2] + uniform(rng)
      state.count++
      return { reward: -(state.x ** 2), terminated: state.count >= 4 }
    },
    observe(state, obs, offset) {
      obs[offset] = state.x
      obs[offset + 1] = state.count
      obs[offset + 2] = 2 * state.x
    },
  },
}

/** The fields of a state in order, as the WGSL declares them. */
export const numbersOf = (state: object): number[] => Object.values(state)

const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())

/** A twin's state under the names with which structs are written. */
export const asStruct = (state: object): Record<string, number> =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [camel(name), value]))

const F32_MAX = 3.4028234663852886e38

const withinF32 = (value: number): number => Math.max(-F32_MAX, Math.min(F32_MAX, value))

/** A record of an episode in the GPU's form: no infinities, and the running return in its first block. */
export function asEpisode({ episodicReturn, ...record }: EpisodeRecord): object {
  const numbers = Object.entries(record).map(([name, value]) => [name, withinF32(value)])
  return { returnBlocks: [episodicReturn, 0, 0, 0], ...Object.fromEntries(numbers) }
}

/** The numbers of one, in the order of the record; the running return is the sum of its blocks. */
export function episodeNumbers({ returnBlocks, ...others }: Record<string, StructValue>): number[] {
  const sum = (returnBlocks as number[]).reduce((a, b) => a + b)
  return [sum, ...(Object.values(others) as number[])]
}

/** States and episodes of environments as the buffers of kernels that step them, with a tail that stays as it is. */
export const running = (structs: Structs, envs: readonly { state: object; episode: EpisodeRecord }[]) => {
  const records = (name: string, values: object[]) => withTail(structs.write(name, values as Record<string, number>[]))
  return {
    env_states: records(
      'EnvState',
      envs.map(({ state }) => asStruct(state)),
    ),
    episodes: records(
      'Episode',
      envs.map(({ episode }) => asEpisode(episode)),
    ),
  }
}

/** The `hyper` that kernel `stem` needs for the parameters of `spec`, which have their defaults; none without any. */
export const paramsFor = (
  stem: string,
  slots: Record<string, Slot>,
  spec: EnvSpec,
  numAgents = 1,
): Record<string, Uint32Array> =>
  hasParams(spec) ? { hyper: paramRecords(link(`shaders/${stem}.wgsl`, SHADERS, slots).code, spec, {}, numAgents) } : {}
