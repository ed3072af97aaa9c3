/**
 * A grid of any shape in each storage: a pattern that depends on the place of a walker and on time, so that no two
 * frames of an episode are equal. Episodes end by chance, or at the time limit.
 */
import type { AnyEnvSpec, GridSpace, GridStorage } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

interface GridState {
  place: number
  time: number
  mark: number
}

/** Entry k of a frame, and the WGSL of the same. */
const ENTRY: Record<GridStorage, { twin(s: GridState, k: number): number; wgsl: string }> = {
  bits: {
    twin: ({ place, time, mark }, k) => Number((7 * k + 3 * time + 5 * place + mark) % 11 < 4),
    wgsl: 'select(0u, 1u, (7u * k + 3u * s.time + 5u * s.place + s.mark) % 11u < 4u)',
  },
  bytes: {
    twin: ({ place, time, mark }, k) => (31 * k + 17 * time + 5 * place + 13 * mark) % 256,
    wgsl: '(31u * k + 17u * s.time + 5u * s.place + 13u * s.mark) % 256u',
  },
  f32: {
    twin: ({ place, time, mark }, k) => ((7 * k + 3 * time + 5 * place + mark) % 16) / 8 - 1,
    wgsl: 'f32((7u * k + 3u * s.time + 5u * s.place + s.mark) % 16u) / 8.0 - 1.0',
  },
}

const OBSERVE = `fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  var obs: array<f32, OBS_DIM>;
  for (var k = 0u; k < OBS_DIM; k++) { obs[k] = entry(state, k); }
  return obs;
}`
const observeWord = (bits: number): string => `fn env_observe_word(state: EnvState, i: u32) -> u32 {
  var word = 0u;
  for (var j = 0u; j < ${32 / bits}u; j++) {
    let k = i * ${32 / bits}u + j;
    if (k < OBS_DIM) { word |= entry(state, k) << (j * ${bits}u); }
  }
  return word;
}`

/** `ending`: the chance that a step terminates the episode. */
export function gridEnv(
  storage: GridStorage,
  shape: GridSpace['shape'] = [3, 5, 3],
  { maxEpisodeSteps = 7, ending = 0.1 } = {},
): AnyEnvSpec {
  const { twin, wgsl } = ENTRY[storage]
  const size = shape.reduce((a, b) => a * b, 1)
  return {
    id: 'Grid-v0',
    observation: { shape, storage },
    actionSpace: { kind: 'discrete', n: 3 },
    actions: ['stay', 'on', 'far on'],
    maxEpisodeSteps,
    rewardThreshold: null,
    preset: {},
    wgslFile: 'test/support/grid_env.wgsl',
    wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = ${size}u;
const ACTION_DIM = 3u;
alias Action = u32;
struct EnvState { place: u32, time: u32, mark: u32, }
fn env_reset(rng: ptr<function, Rng>) -> EnvState { return EnvState(0u, 0u, u32(rng_uniform(rng) * 64.0)); }
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  (*state).place = ((*state).place + action) % 32u;
  (*state).time++;
  let ends = rng_uniform(rng) < ${ending.toFixed(6)};
  return StepResult(f32((*state).place % 3u) - 1.0, select(0u, 1u, ends));
}
fn entry(s: EnvState, k: u32) -> ${storage === 'f32' ? 'f32' : 'u32'} { return ${wgsl}; }
${storage === 'f32' ? OBSERVE : observeWord(storage === 'bits' ? 1 : 8)}
`,
    twin: {
      reset: (rng): GridState => ({ place: 0, time: 0, mark: Math.floor(uniform(rng) * 64) }),
      step(state: GridState, action, rng) {
        state.place = (state.place + action[0]) % 32
        state.time++
        const terminated = uniform(rng) < Math.fround(Number(ending.toFixed(6)))
        return { reward: (state.place % 3) - 1, terminated }
      },
      observe(state: GridState, obs, offset) {
        for (let k = 0; k < size; k++) obs[offset + k] = twin(state, k)
      },
    },
  }
}
