/**
 * Generates WGSL of an environment's parameters from its spec: `params.wind_power` for `windPower`. They are variables
 * of the kernel: `use_params` sets them to the values of an episode, from the bounds in the agent's record. Nothing is
 * stored: the values follow from the environment and from the step of the reset at which the episode began.
 */
import type { EnvSpec } from '../env/contract'
import { hasParams, MAX_PARAMS, paramBounds } from '../env/params'
import type { Slot } from '../gpu/link'
import { reflectStruct, writeStruct, zerosOf } from '../gpu/reflect'
import type { ParamSettings } from '../options/params'

/** `wind_power` for `windPower`. */
export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

type Described = Pick<EnvSpec, 'id' | 'params'>

const fileOf = (spec: Described): string => `params (from params of ${spec.id}, by src/plan/params.ts)`

/**
 * `params`, for all that needs the environment; requires `hyper` in the kernel. Where nothing sets them, as in a
 * picture, parameters have their defaults. `params_hyper` binds `hyper` in kernels that do not need it for anything
 * else, and `params_running` sets the parameters of running episodes. Without parameters all three do nothing.
 */
export function paramSlots(spec: Described): Record<'params' | 'params_hyper' | 'params_running', Slot> {
  const file = fileOf(spec)
  const has = hasParams(spec)
  const hyper = '//#import "shaders/lib/data/agent.wgsl"\n@group(0) @binding(9) var<storage, read> hyper: array<Hyper>;'
  return {
    params: paramsSlot(spec),
    params_hyper: { file, source: has ? hyper : '' },
    params_running: {
      file,
      source: has ? RUNNING : 'fn use_running_params(agent: u32, num_envs: u32, num_steps: u32, env: u32) {}',
    },
  }
}

/** The reset was as many steps before the iteration's first step as the episode is long. */
const RUNNING = `//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/rollout/episode.wgsl"
//#import "params"
@group(0) @binding(10) var<storage, read> progress: array<Progress>;
@group(0) @binding(11) var<storage, read> episodes: array<Episode>;
fn use_running_params(agent: u32, num_envs: u32, num_steps: u32, env: u32) {
  let length = u32(episodes[agent * num_envs + env].episodic_length);
  use_params(agent, progress[agent].seed, progress[agent].iteration * num_steps - length, env);
}`

/** Records `Hyper` of agents with only their parameters set: for checks. `code` declares the struct. */
export function paramRecords(code: string, spec: Described, settings: ParamSettings, numAgents = 1): Uint32Array {
  const layout = reflectStruct(code, 'Hyper')
  const view = new DataView(new ArrayBuffer(layout.size * numAgents))
  const values = { ...zerosOf(layout), envParams: boundsOf(spec, settings) }
  for (let agent = 0; agent < numAgents; agent++) writeStruct(layout, values, view, agent * layout.size)
  return new Uint32Array(view.buffer)
}

/** `env_params` of an agent's record. */
export function boundsOf(spec: Pick<EnvSpec, 'params'>, settings: ParamSettings): [number, number][] {
  const bounds = paramBounds(spec, settings)
  return Array.from({ length: MAX_PARAMS }, (_, i) => bounds[i] ?? [0, 0])
}

function paramsSlot(spec: Described): Slot {
  const file = fileOf(spec)
  const params = Object.entries(spec.params ?? {})
  const declared = 'fn use_params(agent: u32, seed: u32, reset_step: u32, env: u32)'
  if (params.length === 0) return { file, source: `${declared} {}` }
  const isFlag = params.map(([, { default: value }]) => typeof value === 'boolean')
  const lines = [
    '//#import "shaders/lib/rng.wgsl"',
    'struct Params {',
    ...params.map(([name], i) => `  ${snake(name)}: ${isFlag[i] ? 'bool' : 'f32'},`),
    '}',
    `var<private> params: Params = Params(${params.map(([, p], i) => (isFlag[i] ? p.default : `f32(${p.default})`)).join(', ')});`,
    'fn param_value(agent: u32, seed: u32, reset_step: u32, env: u32, i: u32) -> f32 {',
    '  let bounds = hyper[agent].env_params[i];',
    '  if (bounds.x == bounds.y) { return bounds.x; }',
    '  var rng = make_rng(seed, reset_step, STREAM_PARAMS, env);',
    '  rng.draw = i;',
    '  return bounds.x + (bounds.y - bounds.x) * rng_uniform(&rng);',
    '}',
    'fn param_flag(agent: u32, seed: u32, reset_step: u32, env: u32, i: u32) -> bool {',
    '  let bounds = hyper[agent].env_params[i];',
    '  if (bounds.x == bounds.y) { return bounds.x != 0.0; }',
    '  var rng = make_rng(seed, reset_step, STREAM_PARAMS, env);',
    '  rng.draw = i;',
    '  return select(bounds.y, bounds.x, rng_uniform(&rng) < 0.5) != 0.0;',
    '}',
    `${declared} {`,
    ...params.map(
      ([name], i) =>
        `  params.${snake(name)} = ${isFlag[i] ? 'param_flag' : 'param_value'}(agent, seed, reset_step, env, ${i}u);`,
    ),
    '}',
  ]
  return { file, source: lines.join('\n') }
}
