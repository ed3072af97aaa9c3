/** Golden PPO updates: losses and gradients of a batch, one Adam step, and a whole update phase. */

import type { UpdateResult } from '../../src/compare/dump'
import { type PpoConfig, resolveConfig } from '../../src/config/config'
import { distributionOf } from '../../src/model/distributions/table'
import { unpackParams } from '../../src/model/network'
import { whyNotFused } from '../../src/plan/fusedshape'
import type { PpoGolden } from '../../src/reference/golden'
import { makeWorkspace } from '../../src/reference/minibatch'
import { backwardMinibatch, forwardMinibatch, update, updateMinibatch } from '../../src/reference/update'
import type { UpdateArgs } from '../protocol/protocol'
import type { Runtime } from '../runtime/runtime'
import { type Check, check, type Limit, type Side } from './check'

const METRICS = ['pg_loss', 'v_loss', 'entropy', 'loss', 'approx_kl', 'old_approx_kl', 'clipfrac', 'kl', 'grad_norm']
/** The columns of phase/curve among METRICS. */
const CURVE = ['pg_loss', 'v_loss', 'entropy', 'approx_kl', 'clipfrac', 'kl']
const GROUPS = ['grad', 'after_1_step', 'after_phase'] as const

type Limits = Record<'sample' | 'metric' | 'curve' | (typeof GROUPS)[number], Limit>

/** float64 against float64: only the order of sums differs. */
const exact: Limit = { limit: 1e-9, measure: 'rel' }
const REFERENCE: Limits = {
  sample: exact,
  metric: exact,
  curve: exact,
  grad: exact,
  after_1_step: exact,
  after_phase: exact,
}

/** f32: about 1e-7 for each operation. A weight moves by up to learningRate even if its gradient is tiny. */
const GPU: Limits = {
  sample: { limit: 1e-5, measure: 'scaled' },
  metric: { limit: 1e-5, measure: 'scaled' },
  // After sixteen steps the weights of the two sides differ too.
  curve: { limit: 2e-5, measure: 'scaled' },
  grad: { limit: 1e-5, measure: 'rel' },
  after_1_step: { limit: 1e-6, measure: 'abs' },
  after_phase: { limit: 2e-6, measure: 'abs' },
}

/** The results of either side, without padding except for parameters; the fused plan stores no samples. */
interface Computed {
  samples: Record<'out' | 'new_value' | 'new_logprob' | 'ratio' | 'entropy_per_sample', ArrayLike<number>> | null
  /** In the order of METRICS. */
  metrics: ArrayLike<number>
  /** [minibatch][METRICS] */
  curve: number[][]
  params: Record<(typeof GROUPS)[number], Float32Array | Float64Array>
}

function checks(side: Side, golden: PpoGolden, computed: Computed, limits: Limits): Check[] {
  const { layout } = golden
  const samples = Object.entries(computed.samples ?? {}).map(([name, actual]) =>
    check(`sample/${name}`, side, actual, golden.tensor(`sample/${name}`), limits.sample),
  )
  const metrics = METRICS.map((name, i) =>
    check(`metric/${name}`, side, [computed.metrics[i]], golden.tensor(`metric/${name}`), limits.metric),
  )
  const curve = golden.tensor('phase/curve')
  const curves = CURVE.map((name, c) => {
    const expected = Array.from({ length: curve.length / CURVE.length }, (_, k) => curve[k * CURVE.length + c])
    const actual = computed.curve.map((row) => row[METRICS.indexOf(name)])
    return check(`phase/curve/${name}`, side, actual, expected, limits.curve)
  })
  const tensors = GROUPS.flatMap((group) =>
    unpackParams<Float32Array | Float64Array>(layout, computed.params[group]).map(({ name, data }) =>
      check(`${group}/${name}`, side, data, golden.tensor(`${group}/${name}`), limits[group]),
    ),
  )
  return [...samples, ...metrics, ...curves, ...tensors]
}

/** [rows][stride] -> [rows][width] */
const unpad = (data: ArrayLike<number>, rows: number, width: number, stride: number): Float64Array =>
  Float64Array.from({ length: rows * width }, (_, k) => data[Math.floor(k / width) * stride + (k % width)])

export function verifyUpdateReference(golden: PpoGolden): Check[] {
  const { batch, layout, hyper, minibatchSize: m, permutations } = golden
  const all = Uint32Array.from({ length: batch.size }, (_, i) => i)
  const work = makeWorkspace(layout, batch.size, true)
  const learner = golden.learner()
  const stats = forwardMinibatch(learner, batch, all, hyper, work)
  const gradNorm = backwardMinibatch(learner, batch.size, work)
  const grad = work.gradient.slice()
  const out = unpad(work.actor.at(-1)!, batch.size, layout.shape.actionDim, layout.actor.at(-1)!.outStride)
  const values = unpad(work.critic.at(-1)!, batch.size, 1, layout.critic.at(-1)!.outStride)
  const { newLogprob, ratio, entropy } = work.loss
  const samples = {
    out,
    new_value: values,
    new_logprob: newLogprob.slice(),
    ratio: ratio.slice(),
    entropy_per_sample: entropy.slice(),
  }
  const row = (s: typeof stats, norm: number | null) => [
    s.pgLoss,
    s.vLoss,
    s.entropy,
    s.loss,
    s.approxKl,
    s.oldApproxKl,
    s.clipfrac,
    s.kl,
    norm ?? Number.NaN,
  ]
  const one = golden.learner()
  updateMinibatch(one, batch, all, hyper, work)

  const phase = golden.learner()
  const select = (epoch: number, j: number) =>
    Uint32Array.from({ length: m }, (_, i) => permutations[epoch * batch.size + j * m + i])
  const phaseWork = makeWorkspace(layout, m, true)
  const results = update(phase, batch, hyper, golden.updateEpochs, golden.numMinibatches, select, phaseWork)
  const computed: Computed = {
    samples,
    metrics: row(stats, gradNorm),
    curve: results.map((r) => row(r.stats, r.gradNorm)),
    params: { grad, after_1_step: one.params, after_phase: phase.params },
  }
  return checks('reference', golden, computed, REFERENCE)
}

/** Both plans of the GPU; the fused one if the network fits it, with its checks named `fused: ...`. */
export async function verifyUpdateGpu(golden: PpoGolden, runtime: Runtime): Promise<Check[]> {
  const layered = checks('gpu', golden, await computeOnGpu(golden, runtime, 'layered'), GPU)
  if (whyNotFused(golden.layout, { software: runtime.facts.software, quads: 0 })) return layered
  const fused = checks('gpu', golden, await computeOnGpu(golden, runtime, 'fused'), GPU)
  return [...layered, ...fused.map((c) => ({ ...c, name: `fused: ${c.name}` }))]
}

async function computeOnGpu(golden: PpoGolden, runtime: Runtime, plan: PpoConfig['plan']): Promise<Computed> {
  const { batch, updateEpochs, numMinibatches } = golden
  const identity = Uint32Array.from({ length: batch.size }, (_, i) => i)
  const whole: UpdateResult = await runtime.call('update', updateArgs(golden, identity, 1, 1, plan))
  const permutations = Uint32Array.from(golden.permutations)
  const phase = await runtime.call('update', updateArgs(golden, permutations, updateEpochs, numMinibatches, plan))
  const columns = METRICS.length
  return {
    samples: whole.samples && {
      out: whole.samples.out,
      new_value: whole.samples.newValue,
      new_logprob: whole.samples.newLogprob,
      ratio: whole.samples.ratio,
      entropy_per_sample: whole.samples.entropyPerSample,
    },
    metrics: whole.curve,
    curve: Array.from({ length: phase.curve.length / columns }, (_, k) =>
      Array.from(phase.curve.subarray(k * columns, (k + 1) * columns)),
    ),
    params: { grad: whole.gradient, after_1_step: whole.params, after_phase: phase.params },
  }
}

function updateArgs(
  golden: PpoGolden,
  permutations: Uint32Array,
  epochs: number,
  minibatches: number,
  plan: PpoConfig['plan'],
): UpdateArgs {
  const { layout, batch } = golden
  const { shape } = layout
  const { actionCount } = distributionOf(shape)
  const f32 = (values: ArrayLike<number>) => Float32Array.from(values)
  const rows = (data: ArrayLike<number>, width: number) => f32(unpad(data, batch.size, width, data.length / batch.size))
  return {
    shape,
    config: { ...updateConfig(golden), plan },
    batch: batch.size,
    params: f32(golden.params('param')),
    obs: rows(batch.obs, shape.obsDim),
    actions: rows(batch.actions, actionCount),
    logprobs: f32(batch.logprobs),
    values: f32(batch.values),
    advantages: f32(batch.advantages),
    returns: f32(batch.returns),
    oldOut: rows(batch.oldOut!, shape.actionDim),
    oldOwn: f32(batch.oldOwn ?? []),
    masks: f32(batch.masks ?? []),
    permutations,
    epochs,
    minibatches,
  }
}

/** The file's hyperparameters as a run's configuration; the caller sets batch and minibatches. */
function updateConfig({ layout, hyper }: PpoGolden): PpoConfig {
  const { actorHidden: hidden, activation, sharedTrunk = false } = layout.shape
  return { ...resolveConfig({}, {}), ...hyper, hidden, activation, sharedTrunk, annealLr: false }
}
