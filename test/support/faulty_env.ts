/** An environment in which every episode draws, at its reset, at which step it fails and how. */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

/** How it fails: which value, and in which buffer. The last also ends its episode in the same step. */
export const FAULTS = [
  ['obs', Number.NaN],
  ['obs', -Infinity],
  ['rewards', Number.NaN],
  ['rewards', Infinity],
  ['states', Number.NaN],
  ['states', Infinity],
  ['finalObs', Number.NaN],
] as const
/** Steps over which the failures are spread. */
const SPREAD = 64

export type FaultyState = {
  x: number
  hidden: number[]
  inner: { tag: number; deep: number[] }
  count: number
  at: number
  kind: number
}

const wgsl = `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = 2u;
const ACTION_DIM = 2u;
alias Action = u32;
struct Inner {
  tag: u32,
  deep: array<vec2f, 2>,
}
struct EnvState {
  x: f32,
  hidden: array<f32, 3>,
  inner: Inner,
  count: u32,
  at: u32,
  kind: u32,
}
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var s: EnvState;
  s.x = rng_uniform(rng);
  s.inner.tag = 0xffffffffu; // as bits not finite, but no float
  s.at = u32(${SPREAD}.0 * rng_uniform(rng));
  s.kind = u32(${FAULTS.length}.0 * rng_uniform(rng));
  return s;
}
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  let fails = s.count == s.at;
  let nan = bitcast<f32>(0x7fc00000u | (s.count & 1u)); // no constant: those do not compile
  let infinity = bitcast<f32>(0x7f800000u & ~(s.count >> 30u));
  s.x = 0.5 * s.x + 0.1 * f32(action) + 0.1 * rng_uniform(rng);
  s.count++;
  var reward = s.x;
  if (fails && s.kind == 0u) { s.hidden[0] = 1.0; }
  if (fails && s.kind == 1u) { s.hidden[0] = 2.0; }
  if (fails && s.kind == 2u) { reward = nan; }
  if (fails && s.kind == 3u) { reward = infinity; }
  if (fails && s.kind == 4u) { s.hidden[2] = nan; }
  if (fails && s.kind == 5u) { s.inner.deep[1].y = infinity; }
  if (fails && s.kind == 6u) { s.hidden[0] = 1.0; }
  *state = s;
  return StepResult(reward, select(0u, 1u, fails && s.kind == 6u));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  var last = state.x;
  if (state.hidden[0] == 1.0) { last = bitcast<f32>(0x7fc00000u | (state.count & 1u)); }
  if (state.hidden[0] == 2.0) { last = bitcast<f32>(0xff800000u & ~(state.count >> 30u)); }
  return array<f32, OBS_DIM>(1.0, last);
}
`

export const faultyEnv: EnvSpec<FaultyState> = {
  id: 'Faulty',
  observations: ['one', 'x'],
  actionSpace: { kind: 'discrete', n: 2 },
  actions: ['stay', 'rise'],
  maxEpisodeSteps: 1000,
  rewardThreshold: null,
  preset: {},
  wgsl,
  wgslFile: 'test/support/faulty_env.ts',
  twin: {
    reset(rng) {
      const x = uniform(rng)
      const at = Math.floor(SPREAD * uniform(rng))
      const kind = Math.floor(FAULTS.length * uniform(rng))
      return { x, hidden: [0, 0, 0], inner: { tag: 0xffffffff, deep: [0, 0, 0, 0] }, count: 0, at, kind }
    },
    step(state, action, rng) {
      const [buffer, value] = state.count === state.at ? FAULTS[state.kind] : [null, 0]
      state.x = 0.5 * state.x + 0.1 * action[0] + 0.1 * uniform(rng)
      state.count++
      if (buffer === 'obs' || buffer === 'finalObs') state.hidden[0] = Number.isNaN(value) ? 1 : 2
      if (buffer === 'states') state.hidden[2] = value
      return { reward: buffer === 'rewards' ? value : state.x, terminated: buffer === 'finalObs' }
    },
    observe(state, obs, offset) {
      obs[offset] = 1
      obs[offset + 1] = [state.x, Number.NaN, -Infinity][state.hidden[0]]
    },
  },
}

/** Without its twin, in the form that the page gets. */
export const faultySpec = (({ twin: _, ...spec }) => spec)(faultyEnv as unknown as EnvSpec)
