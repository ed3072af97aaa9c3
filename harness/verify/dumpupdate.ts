/** An optimiser step, from a dump: the gradient of its minibatch, and Adam's result. */
import type { PpoConfig } from '../../src/config/config'
import { link } from '../../src/gpu/link'
import { reflectStruct, writeStruct, zerosOf } from '../../src/gpu/reflect'
import { kernelPath, SHADERS } from '../../src/gpu/shaders'
import { distributionOf } from '../../src/model/distributions/table'
import { criticDim } from '../../src/model/networkshape'
import { readMask } from '../../src/plan/transition'
import { adamStep, gradNorm, sumOfSquares } from '../../src/reference/adam'
import { remainingAt } from '../../src/reference/control'
import { type Batch, makeWorkspace } from '../../src/reference/minibatch'
import { backwardMinibatch, forwardMinibatch, makeLearner, updateHyper } from '../../src/reference/update'
import { hyperValues } from '../../src/run/hyper'
import type { UpdateArgs } from '../protocol/protocol'
import type { Runtime } from '../runtime/runtime'
import type { Dump, Replayed } from './dumpfile'

interface Moments {
  mean: number
  invStd: number
}

/** [rows][width] of the records, in rows of `stride` numbers. */
function field({ record }: Dump, records: Float32Array, at: number, width = 1, stride = width): Float32Array {
  const rows = records.length / record.stride
  return Float32Array.from({ length: rows * stride }, (_, i) => {
    return i % stride < width ? records[Math.floor(i / stride) * record.stride + at + (i % stride)] : 0
  })
}

/** Advantages as the minibatch used them. */
const normalised = (dump: Dump, records: Float32Array, { mean, invStd }: Moments): Float32Array =>
  field(dump, records, dump.record.advantage).map((a) => (a - mean) * invStd)

const momentsOf = ({ floats }: Dump): Moments => {
  const [mean, invStd] = floats('advantage_moments')
  return { mean, invStd }
}

/** The iteration's own coefficients, after the schedules. */
function configNow({ config, facts }: Dump, plan: PpoConfig['plan']): PpoConfig {
  const remaining = remainingAt(config, facts.iteration)
  const now = updateHyper(config, facts.learningRate, facts.klCoef, remaining)
  const constant = { annealLr: false, annealClipCoef: false, annealEntCoef: false, normAdv: false, targetKl: null }
  const { clipCoef, entCoef, vfClipCoef, learningRate, klCoef } = now
  return { ...config, ...constant, clipCoef, entCoef, vfClipCoef, learningRate, klCoef, plan, numAgents: 1, sweep: {} }
}

/** The distribution's own parameters in the behaviour policy, the same in all records; null if it has none. */
function ownOf({ layout, record }: Dump, records: Float32Array): Float32Array | null {
  const { own } = distributionOf(layout.shape)
  return own && records.slice(record.oldOwn, record.oldOwn + own.count)
}

/** Which choices are allowed, [rows][actionDim]; null without masks. */
function masksOf({ layout: { shape }, record }: Dump, records: Float32Array): number[] | null {
  if (!shape.masked) return null
  const rows = Array.from({ length: records.length / record.stride }, (_, row) => row * record.stride + record.mask)
  return rows.flatMap((at) => readMask(records, at, record, shape.actionDim))
}

/** `records` as the batch of one step. */
export function updateArgs(dump: Dump, records: Float32Array, plan: PpoConfig['plan'], moments: Moments): UpdateArgs {
  const { layout, record, floats } = dump
  const { shape } = layout
  const batch = records.length / record.stride
  const column = (at: number, width = 1) => field(dump, records, at, width)
  return {
    shape,
    config: configNow(dump, plan),
    batch,
    params: floats('parameters'),
    obs: column(record.obs, criticDim(shape)),
    actions: column(record.action, record.actionCount),
    logprobs: column(record.logprob),
    values: column(record.value),
    advantages: normalised(dump, records, moments),
    returns: column(record.return),
    oldOut: column(record.oldOut, shape.actionDim),
    oldOwn: ownOf(dump, records) ?? new Float32Array(0),
    masks: Float32Array.from(masksOf(dump, records) ?? []),
    permutations: Uint32Array.from({ length: batch }, (_, i) => i),
    epochs: 1,
    minibatches: 1,
  }
}

export function gradientOnReference(dump: Dump): Replayed {
  const { layout, record, facts, floats } = dump
  const records = floats('minibatch')
  const size = records.length / record.stride
  const { actionDim } = layout.shape
  const [own, masks] = [ownOf(dump, records), masksOf(dump, records)]
  const wide = (at: number, width: number, stride: number) => Float64Array.from(field(dump, records, at, width, stride))
  const batch: Batch = {
    size,
    obs: wide(record.obs, criticDim(layout.shape), record.obsStride),
    actions: wide(record.action, record.actionCount, distributionOf(layout.shape).actionStride),
    logprobs: wide(record.logprob, 1, 1),
    values: wide(record.value, 1, 1),
    advantages: Float64Array.from(normalised(dump, records, momentsOf(dump))),
    returns: wide(record.return, 1, 1),
    oldOut: wide(record.oldOut, actionDim, record.outStride),
    oldOwn: own && Float64Array.from(own),
    masks: masks && Float64Array.from(masks),
  }
  const hyper = updateHyper(configNow(dump, facts.plan), facts.learningRate, facts.klCoef)
  const learner = makeLearner(layout, Float64Array.from(floats('parameters')))
  const work = makeWorkspace(layout, size, true)
  const indices = Uint32Array.from({ length: size }, (_, i) => i)
  forwardMinibatch(learner, batch, indices, hyper, work)
  const norm = backwardMinibatch(learner, size, work)
  return { part: 'the gradient of the minibatch', results: { gradients: [...work.gradient, norm] } }
}

export async function gradientOnGpu(dump: Dump, runtime: Runtime): Promise<Replayed> {
  const args = updateArgs(dump, dump.floats('minibatch'), dump.facts.plan, momentsOf(dump))
  const { gradient, curve } = await runtime.call('update', args)
  return { part: 'the gradient of the minibatch', results: { gradients: [...gradient, curve[8]] } }
}

/** The moments of the dump, which a non-finite step left unchanged. */
const momentsAt = ({ layout, floats }: Dump, k: number) =>
  floats('moments').slice(k * layout.paramStride, (k + 1) * layout.paramStride)

export function adamOnReference(dump: Dump): Replayed {
  const { config, facts, floats } = dump
  const state = { m: momentsAt(dump, 0), v: momentsAt(dump, 1), t: facts.adamStep - 1 }
  const hyper = { ...config, learningRate: facts.learningRate }
  const finite = adamStep(floats('parameters').slice(), floats('gradient'), gradNorm(floats('gradient')), state, hyper)
  return { part: 'adam', results: { parameters: finite ? [] : [Number.NaN] } }
}

export async function adamOnGpu(dump: Dump, runtime: Runtime): Promise<Replayed> {
  const { config, facts, layout, floats } = dump
  const { code } = link(kernelPath('adam'), SHADERS)
  const write = (name: string, values: Record<string, unknown>): Uint32Array => {
    const struct = reflectStruct(code, name)
    const bytes = new DataView(new ArrayBuffer(struct.size))
    writeStruct(struct, { ...zerosOf(struct), ...values }, bytes)
    return new Uint32Array(bytes.buffer)
  }
  const { paramStride, own } = layout
  const { stop } = await runtime.call('runKernel', {
    stem: 'adam',
    args: {
      parameterStride: paramStride,
      logStd: own < 0 ? paramStride : own,
      numBlocks: 1,
      numUpdates: 1,
      stopStride: 4,
      update: 0,
    },
    buffers: {
      hyper: write('Hyper', hyperValues(config, undefined, 0)),
      progress: write('Progress', { adamStep: facts.adamStep - 1 }),
      stop: new Uint32Array(4),
      gradients: floats('gradient'),
      squares: Float32Array.of(sumOfSquares(floats('gradient'))),
      update_stats: write('UpdateStats', {
        learningRate: facts.learningRate,
      }),
      parameters: floats('parameters').slice(),
      moments: floats('moments').slice(),
    },
    outputs: ['stop'],
    workgroups: [Math.ceil(paramStride / 256), 1, 1],
  })
  return { part: 'adam', results: { parameters: stop[3] === 0 ? [] : [Number.NaN] } }
}
