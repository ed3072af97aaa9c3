/** The parts of a rollout besides the environment, from a dump: the policy's outputs, values, advantages. */
import { distributionOf } from '../../src/model/distributions/table'
import { FLAG, readMask } from '../../src/plan/transition'
import { gae } from '../../src/reference/gae'
import { actorRows, makeLayerBuffers, mlpForward } from '../../src/reference/mlp'
import { sample } from '../../src/reference/sample'
import type { Runtime } from '../runtime/runtime'
import type { Dump, Replayed } from './dumpfile'
import { updateArgs } from './dumpupdate'

const column = ({ record, config, floats }: Dump, at: number, rows = config.numSteps): Float32Array =>
  Float32Array.from({ length: rows }, (_, t) => floats('records')[t * record.stride + at])

/** 1 for the steps whose flags have `bit`. */
const flagged = (dump: Dump, bit: number): Uint32Array =>
  Uint32Array.from(column(dump, dump.record.flags), (flags) => Number((flags & bit) !== 0))

/** Outputs of actor and critic for one padded observation. */
function networksAt({ layout, floats }: Dump, obs: Float64Array) {
  const params = Float64Array.from(floats('parameters'))
  const forward = (layers: typeof layout.actor, x: Float64Array) =>
    mlpForward(layers, params, x, 1, makeLayerBuffers(layers, 1))
  return { params, out: forward(layout.actor, actorRows(layout, obs, 1)), value: forward(layout.critic, obs)[0] }
}

export function forwardOnReference(dump: Dump): Replayed {
  const { config, facts, layout, record, floats } = dump
  const { step, env } = facts.notFinite
  const at = step * record.stride + record.obs
  const { params, out, value } = networksAt(
    dump,
    Float64Array.from(floats('records').subarray(at, at + record.obsStride)),
  )
  const { actionDim, masked } = layout.shape
  const distribution = distributionOf(layout.shape)
  const own = distribution.own ? params : null
  const actions = new Float64Array(distribution.actionStride)
  const globalStep = (facts.iteration - 1) * config.numSteps + step
  // `sample` uses the outputs' row of its environment; there is one row, and the random numbers are the environment's.
  const rows = new Float64Array((env + 1) * out.length)
  rows.set(out, env * out.length)
  const mask = masked && readMask(floats('records'), step * record.stride + record.mask, record, actionDim)
  const masks = mask ? Float64Array.from({ length: (env + 1) * actionDim }, (_, i) => mask[i % actionDim]) : null
  const head = { distribution, out: rows, outStride: out.length, own, ownOffset: layout.own, masks }
  const logprob = sample(head, config.seed, globalStep, env, actions, 0)
  const logits = out.subarray(0, actionDim)
  return { part: 'policy and value', results: { logits, actions, logprobs: [logprob], values: [value] } }
}

export async function forwardOnGpu(dump: Dump, runtime: Runtime): Promise<Replayed> {
  const { facts, record, floats } = dump
  const { step } = facts.notFinite
  const row = floats('records').slice(step * record.stride, (step + 1) * record.stride)
  const { samples } = await runtime.call('update', updateArgs(dump, row, 'layered', { mean: 0, invStd: 1 }))
  const { out, newValue, newLogprob } = samples!
  return { part: 'policy and value', results: { logits: out, values: newValue, logprobs: newLogprob } }
}

/** The inputs of GAE, for this environment alone. */
function gaeInputs(dump: Dump) {
  const { config, record, floats } = dump
  const { numSteps, gamma, gaeLambda, bootstrapTruncated } = config
  const finalValues = Float32Array.from({ length: numSteps }, (_, t) => {
    const cut = floats('records')[t * record.stride + record.flags] & FLAG.truncated
    const obs = floats('final_obs').subarray(t * record.obsStride, (t + 1) * record.obsStride)
    return cut ? networksAt(dump, Float64Array.from(obs)).value : 0
  })
  return {
    ...{ numSteps, numEnvs: 1, gamma, gaeLambda, bootstrapTruncated, finalValues },
    rewards: column(dump, record.reward),
    values: column(dump, record.value, numSteps + 1),
    terminated: flagged(dump, FLAG.terminated),
    truncated: flagged(dump, FLAG.truncated),
  }
}

export function gaeOnReference(dump: Dump): Replayed {
  const advantages = new Float64Array(dump.config.numSteps)
  const returns = new Float64Array(dump.config.numSteps)
  gae(gaeInputs(dump), advantages, returns)
  return { part: 'gae', results: { advantages: [...advantages, ...returns] } }
}

export async function gaeOnGpu(dump: Dump, runtime: Runtime): Promise<Replayed> {
  const { bootstrapTruncated, values, truncated, ...inputs } = gaeInputs(dump)
  const { numSteps } = inputs
  // Where a time limit counts as an end, it is passed as one: this kernel always bootstraps.
  const terminated = bootstrapTruncated ? inputs.terminated : inputs.terminated.map((x, t) => Number(x || truncated[t]))
  const args = {
    ...inputs,
    terminated,
    truncated,
    values: values.slice(0, numSteps),
    nextValue: values.slice(numSteps),
  }
  const { advantages, returns } = await runtime.call('gae', args)
  return { part: 'gae', results: { advantages: [...advantages, ...returns] } }
}
