/** Replays recorded data in the GPU's kernels: PPO updates, GAE, environment transitions. */

import { findEnv } from '../../../envs/registry'
import type { UpdateResult } from '../../../src/compare/dump'
import { submit, updateResult } from '../../../src/compare/submit'
import { resolveConfig } from '../../../src/config/config'
import { seenDim } from '../../../src/env/contract'
import { hasParams } from '../../../src/env/params'
import { link } from '../../../src/gpu/link'
import { readBuffer, uploadBuffer } from '../../../src/gpu/readback'
import { SHADERS } from '../../../src/gpu/shaders'
import { criticDim, networkShape } from '../../../src/model/network'
import { headsLayout } from '../../../src/plan/buffers'
import { dispatch } from '../../../src/plan/dispatches'
import { updateMinibatch } from '../../../src/plan/iteration'
import { envSlots, policySlots } from '../../../src/plan/kernels'
import { paramRecords } from '../../../src/plan/params'
import { FLAG, maskWords, type RecordLayout, recordLayout } from '../../../src/plan/transition'
import { createRun } from '../../../src/run/createrun'
import { bindAll, destroyRun } from '../../../src/run/run'
import type { GaeArgs, Tasks, TransitionArgs, TransitionResult, UpdateArgs } from '../../protocol/protocol'
import { runKernel, sharedGpu } from './device'

/** Copies `values` [n][width] to column `at` of the records; `stride` is the floats per record. */
function fill(records: Float32Array, stride: number, at: number, values: ArrayLike<number>, width = 1): void {
  for (let i = 0; i < values.length; i++) records[Math.floor(i / width) * stride + at + (i % width)] = values[i]
}

function updateRecords(args: UpdateArgs, record: RecordLayout): Float32Array {
  const { shape } = args
  const records = new Float32Array(args.batch * record.stride)
  const column = (at: number, values: ArrayLike<number>, width = 1) => fill(records, record.stride, at, values, width)
  column(record.obs, args.obs, criticDim(shape))
  for (let i = 0; i < args.batch && shape.privileged; i++) {
    const at = i * record.stride
    records.copyWithin(at + record.actorObs, at + record.obs, at + record.obs + shape.obsDim)
  }
  column(record.oldOut, args.oldOut, shape.actionDim)
  column(record.action, args.actions, record.actionCount)
  column(record.logprob, args.logprobs)
  column(record.value, args.values)
  column(record.advantage, args.advantages)
  column(record.return, args.returns)
  for (let i = 0; i < args.batch; i++) {
    records.set(args.oldOwn, i * record.stride + record.oldOwn)
    const mask = maskWords(args.masks, i * shape.actionDim, record, shape.actionDim)
    records.set(mask, i * record.stride + record.mask)
  }
  return records
}

/** Replays an update phase with given permutations; `config.klCoef` is used unchanged, in both algorithms. */
export async function update(args: UpdateArgs): Promise<UpdateResult> {
  const gpu = await sharedGpu()
  const { device } = gpu
  const permutations = uploadBuffer(device, 'permutations', args.permutations)
  const { shape, epochs: updateEpochs, minibatches: numMinibatches } = args
  const config = { ...args.config, numAgents: 1, numEnvs: args.batch, numSteps: 1, updateEpochs, numMinibatches }
  const run = await createRun(gpu, { shape, config, permutations, hyper: { klCoef: config.klCoef } })
  try {
    const record = recordLayout(shape)
    device.queue.writeBuffer(run.buffers.parameters, 0, args.params as Float32Array<ArrayBuffer>)
    device.queue.writeBuffer(run.buffers.transitions, 0, updateRecords(args, record) as Float32Array<ArrayBuffer>)
    const { numUpdates, numEnvs, batchSize, minibatchSize, stopStride } = run.sizes
    const sizes = { numEnvs, batchSize, minibatchSize, numMinibatches, numUpdates, stopStride }
    const dispatches = [dispatch('advantage_stats', sizes, [numUpdates, 1, 1])]
    for (let epoch = 0; epoch < updateEpochs; epoch++) {
      for (let j = 0; j < numMinibatches; j++) dispatches.push(...updateMinibatch(run, epoch, j))
    }
    const bound = bindAll(run, dispatches)
    run.arena.upload()
    submit(run, bound)
    const result = await updateResult(run)
    gpu.check()
    return result
  } finally {
    destroyRun(run)
    permutations.destroy()
  }
}

export async function gae(args: GaeArgs): Promise<Tasks['gae'][1]> {
  const gpu = await sharedGpu()
  const { numEnvs, numSteps, gamma, gaeLambda } = args
  const sizes = {
    numEnvs,
    numSteps,
    numMinibatches: 1,
    normAdv: false,
    totalTimesteps: numEnvs * numSteps,
    plan: 'layered' as const, // the plan that has a separate kernel for it
    hidden: [4],
  }
  const config = resolveConfig({}, { ...sizes, gamma, gaeLambda })
  const shape = {
    obsDim: 1,
    actionDim: 1,
    actorHidden: [4],
    criticHidden: [4],
    activation: 'tanh',
    dist: 'categorical',
  } as const
  const run = await createRun(gpu, { shape: { ...shape, actorHidden: [4], criticHidden: [4] }, config })
  try {
    const record = recordLayout(run.layout.shape)
    const records = new Float32Array(run.buffers.transitions.size / 4)
    const n = numEnvs * numSteps
    fill(records, record.stride, record.value, args.values)
    fill(records, record.stride, record.reward, args.rewards)
    const flags = Array.from(args.terminated, (terminated, i) => {
      return (terminated ? FLAG.terminated : 0) | (args.truncated[i] ? FLAG.truncated : 0)
    })
    fill(records, record.stride, record.flags, flags)
    const { values, valueStride } = headsLayout(run.sizes, run.layout, numEnvs)
    const heads = new Float32Array(run.buffers.heads.size / 4)
    for (let env = 0; env < numEnvs; env++) heads[values + env * valueStride] = args.nextValue[env]
    const finalValues = new Float32Array(n * 4)
    for (let i = 0; i < n; i++) finalValues[i * 4] = args.finalValues[i]
    gpu.device.queue.writeBuffer(run.buffers.transitions, 0, records)
    gpu.device.queue.writeBuffer(run.buffers.heads, 0, heads)
    gpu.device.queue.writeBuffer(run.buffers.final_values, 0, finalValues)
    const { stopStride } = run.sizes
    const ofKernel = { numEnvs, numSteps, stopStride, values, valueStride }
    const list = bindAll(run, [dispatch('gae', ofKernel, [Math.ceil(numEnvs / 64), 1, 1])])
    run.arena.upload()
    submit(run, list)
    const out = new Float32Array(await readBuffer(gpu.device, run.buffers.transitions))
    gpu.check()
    const column = (at: number) => Float32Array.from({ length: n }, (_, i) => out[i * record.stride + at])
    return { advantages: column(record.advantage), returns: column(record.return) }
  } finally {
    destroyRun(run)
  }
}

/** One environment step from each given state. */
export async function transitions(args: TransitionArgs): Promise<TransitionResult> {
  const spec = findEnv(args.env)
  const shape = networkShape(spec, resolveConfig({}, {}))
  const record = recordLayout(shape)
  const records = new Float32Array(args.n * record.stride)
  fill(records, record.stride, record.action, args.actions, record.actionCount)
  const slots = { ...policySlots(shape), ...envSlots(spec, { clip: false }) }
  const { code } = link('shaders/replay_envs.wgsl', SHADERS, slots)
  const result = await runKernel({
    stem: 'replay_envs',
    slots,
    args: { count: args.n, seed: 0 },
    buffers: {
      transitions: records,
      env_states: args.states,
      next_obs: new Float32Array(args.n * seenDim(spec)),
      draws: new Uint32Array(args.n),
      ...(hasParams(spec) ? { hyper: paramRecords(code, spec, {}) } : {}),
    },
    outputs: ['transitions', 'env_states', 'next_obs'],
    workgroups: [Math.ceil(args.n / 64), 1, 1],
  })
  const out = result.transitions
  return {
    states: result.env_states as Float32Array,
    obs: result.next_obs as Float32Array,
    rewards: Float32Array.from({ length: args.n }, (_, i) => out[i * record.stride + record.reward]),
    terminated: Uint32Array.from({ length: args.n }, (_, i) => out[i * record.stride + record.flags]),
  }
}
