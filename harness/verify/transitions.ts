/** Golden transitions of an environment: states and actions, and the original's results. */

import { findEnv } from '../../envs/registry'
import { actionCount, type EnvSpec, obsDim, stateDifference } from '../../src/env/contract'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import type { Runtime } from '../runtime/runtime'
import { type Check, check, type Limit } from './check'

export interface TransitionsGolden {
  spec: EnvSpec
  /** Fields of the state, in order. */
  fields: string[]
  n: number
  states: Float64Array
  actions: Float64Array
  nextStates: Float64Array
  obs: Float64Array
  rewards: Float64Array
  terminated: Float64Array
}

const REFERENCE: Limit = { limit: 1e-12, measure: 'scaled' }
/** The state before is rounded to f32 (6e-8 relative), and one step adds about as much again. */
const gpuLimit = (spec: EnvSpec): Limit => ({ limit: spec.tolerance ?? 1e-6, measure: 'scaled' })
const EXACT: Limit = { limit: 0, measure: 'abs' }

/** @throws if it is not a file of transitions, or of an unknown environment. */
export function readTransitionsGolden(text: string): TransitionsGolden {
  const file = JSON.parse(text)
  if (file?.body_mass !== undefined) {
    throw new Error('the constants of a model, without recorded steps. Give the file of its transitions.')
  }
  if (typeof file?.env !== 'string' || typeof file.transitions !== 'object' || file.transitions === null) {
    throw new Error('no file of recorded transitions (it needs "env" and "transitions")')
  }
  const spec = findEnv(file.env)
  if (!spec.twin) throw new Error(`${spec.id} has no CPU twin`)
  const fields = Object.keys(spec.twin.reset(makeRng(0, 0, STREAM.ENV_RESET, 0), defaultParams(spec)))
  const n = Array.isArray(file.transitions.s) ? file.transitions.s.length : 0
  if (n === 0) throw new Error('transitions.s: no transitions')
  const column = (name: string, width: number): Float64Array => {
    const values = file.transitions[name]
    if (!Array.isArray(values) || values.length !== n)
      throw new Error(`transitions.${name}: not a list of ${n} entries`)
    const flat = Float64Array.from(values.flatMap((row, i) => readRow(row, width, `transitions.${name}[${i}]`)))
    return flat
  }
  const actionWidth = actionCount(spec)
  return {
    spec,
    fields,
    n,
    states: column('s', fields.length),
    actions: column('a', actionWidth),
    nextStates: column('s2', fields.length),
    obs: column('o', obsDim(spec)),
    rewards: column('r', 1),
    terminated: column('te', 1),
  }
}

function readRow(row: unknown, width: number, where: string): number[] {
  const numbers = (Array.isArray(row) ? row : [row]).map((v) => (typeof v === 'boolean' ? Number(v) : v))
  if (numbers.length !== width || !numbers.every((v) => Number.isFinite(v))) {
    throw new Error(`${where}: ${JSON.stringify(row)} is not ${width} finite numbers`)
  }
  return numbers
}

/** Each step starts from the recorded state, so that errors do not add up. */
export function verifyTransitionsReference(golden: TransitionsGolden): Check[] {
  const { spec, fields, n } = golden
  const twin = spec.twin!
  const params = defaultParams(spec)
  const width = fields.length
  const actionWidth = golden.actions.length / n
  const states = new Float64Array(n * width)
  const obs = new Float64Array(n * obsDim(spec))
  const rewards = new Float64Array(n)
  const terminated = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const state = Object.fromEntries(fields.map((field, f) => [field, golden.states[i * width + f]]))
    const action = golden.actions.subarray(i * actionWidth, (i + 1) * actionWidth)
    const result = twin.step(state, action, makeRng(0, i, STREAM.ENV_STEP, 0), params)
    states.set(
      fields.map((field) => state[field]),
      i * width,
    )
    twin.observe(state, obs, i * obsDim(spec), params)
    rewards[i] = result.reward
    terminated[i] = Number(result.terminated)
  }
  return checks('reference', golden, { states, obs, rewards, terminated }, REFERENCE)
}

export async function verifyTransitionsGpu(golden: TransitionsGolden, runtime: Runtime): Promise<Check[]> {
  const { spec, states, actions, n } = golden
  const args = { env: spec.id, states: Float32Array.from(states), actions: Float32Array.from(actions), n }
  return checks('gpu', golden, await runtime.call('transitions', args), gpuLimit(spec))
}

type Results = Record<'states' | 'obs' | 'rewards' | 'terminated', ArrayLike<number>>

function checks(side: 'gpu' | 'reference', golden: TransitionsGolden, got: Results, limit: Limit): Check[] {
  // Angles may differ by whole turns.
  const { spec, fields, nextStates } = golden
  const states = Float64Array.from(got.states, (x, i) => {
    return nextStates[i] + stateDifference(spec, fields[i % fields.length], x, nextStates[i])
  })
  return [
    check('states', side, states, nextStates, limit),
    check('obs', side, got.obs, golden.obs, limit),
    check('rewards', side, got.rewards, golden.rewards, limit),
    check('terminated', side, got.terminated, golden.terminated, EXACT),
  ]
}
