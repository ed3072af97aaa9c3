import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSafetensors } from '../../src/files/safetensors'
import { unpackParams } from '../../src/model/network'
import { type PpoGolden, readPpoGolden } from '../../src/reference/golden'
import { makeWorkspace } from '../../src/reference/minibatch'
import { backwardMinibatch, forwardMinibatch, update, updateMinibatch } from '../../src/reference/update'
import { difference, expectClose } from './close'

const PERCEPTRONS = ['discrete', 'discrete_noclipv', 'penalty', 'continuous', 'multi_discrete', 'masked']
const FILES = [...PERCEPTRONS, 'strided_odd', 'pooled', 'layer_norm']
const read = (name: string) => readSafetensors(new Uint8Array(readFileSync(`test/golden/${name}.safetensors`)), name)

const everyIndex = (golden: PpoGolden) => Uint32Array.from({ length: golden.batch.size }, (_, i) => i)

function evaluate(golden: PpoGolden) {
  const work = makeWorkspace(golden.layout, golden.batch.size, true)
  const learner = golden.learner()
  const stats = forwardMinibatch(learner, golden.batch, everyIndex(golden), golden.hyper, work)
  const norm = backwardMinibatch(learner, golden.batch.size, work)
  return { work, stats, norm }
}

/** Every tensor of one agent against `<group>/*`. */
function expectParams(golden: PpoGolden, group: string, actual: Float64Array): void {
  for (const { name, data } of unpackParams(golden.layout, actual)) {
    const expected = golden.tensor(`${group}/${name}`)
    expectClose(`${group}/${name}`, data, expected)
    // Every entry on its own, however small it is.
    expect(difference(data, expected).elementwise).toBeLessThan(1e-9)
  }
}

function runPhase(golden: PpoGolden) {
  const { minibatchSize: m, batch, updateEpochs, numMinibatches, permutations } = golden
  const learner = golden.learner()
  const work = makeWorkspace(golden.layout, m, true)
  const select = (epoch: number, minibatch: number) =>
    Uint32Array.from({ length: m }, (_, i) => permutations[epoch * batch.size + minibatch * m + i])
  const results = update(learner, batch, golden.hyper, updateEpochs, numMinibatches, select, work)
  return { learner, results }
}

/** [rows][stride] -> [rows][width] */
const unpad = (data: Float64Array, rows: number, width: number, stride: number): Float64Array =>
  Float64Array.from({ length: rows * width }, (_, k) => data[Math.floor(k / width) * stride + (k % width)])

describe.each(FILES)('golden ppo/%s', (name) => {
  const golden = readPpoGolden(read(name))

  it('per-sample values', () => {
    const { work } = evaluate(golden)
    const { actor, critic, shape } = golden.layout
    const rows = golden.batch.size
    const outStride = actor.at(-1)!.outStride
    expectClose('out', unpad(work.actor.at(-1)!, rows, shape.actionDim, outStride), golden.tensor('sample/out'))
    expectClose(
      'value',
      unpad(work.critic.at(-1)!, rows, 1, critic.at(-1)!.outStride),
      golden.tensor('sample/new_value'),
    )
    expectClose('new_logprob', work.loss.newLogprob, golden.tensor('sample/new_logprob'))
    expectClose('ratio', work.loss.ratio, golden.tensor('sample/ratio'))
    expectClose('entropy', work.loss.entropy, golden.tensor('sample/entropy_per_sample'))
  })

  it('metrics', () => {
    const { stats, norm } = evaluate(golden)
    const metrics = {
      pg_loss: stats.pgLoss,
      v_loss: stats.vLoss,
      entropy: stats.entropy,
      loss: stats.loss,
      approx_kl: stats.approxKl,
      old_approx_kl: stats.oldApproxKl,
      clipfrac: stats.clipfrac,
      kl: stats.kl,
      grad_norm: norm,
    }
    for (const [metric, value] of Object.entries(metrics))
      expectClose(metric, [value], golden.tensor(`metric/${metric}`))
  })

  it('every gradient', () => {
    expectParams(golden, 'grad', evaluate(golden).work.gradient)
  })

  it('weights after one Adam step', () => {
    const learner = golden.learner()
    const work = makeWorkspace(golden.layout, golden.batch.size, true)
    updateMinibatch(learner, golden.batch, everyIndex(golden), golden.hyper, work)
    expectParams(golden, 'after_1_step', learner.params)
    expect(learner.adam.t).toBe(1)
  })

  it('curve and weights of the whole update phase', () => {
    const { learner, results } = runPhase(golden)
    const columns = ['pgLoss', 'vLoss', 'entropy', 'approxKl', 'clipfrac', 'kl'] as const
    const curve = golden.tensor('phase/curve')
    columns.forEach((column, c) => {
      const expected = results.map((_, k) => curve[k * columns.length + c])
      const actual = results.map((result) => result.stats[column])
      expectClose(`curve.${column}`, actual, expected)
    })
    expect(results.length).toBe(16)
    expectParams(golden, 'after_phase', learner.params)
  })

  it('padding keeps its zeros', () => {
    const { learner } = runPhase(golden)
    const packed = golden.params('after_phase')
    learner.params.forEach((value, i) => {
      if (packed[i] === 0) expect(Math.abs(value)).toBeLessThan(1e-12)
    })
  })

  it('control: a small error in any input or step is found', () => {
    const broken = { ...golden, hyper: { ...golden.hyper, adamEps: golden.hyper.adamEps * (1 + 1e-4) } }
    expect(() => expectParams(golden, 'after_phase', runPhase(broken).learner.params)).toThrow(/after_phase/)
    const bent = { ...golden, hyper: { ...golden.hyper, vfCoef: golden.hyper.vfCoef * (1 + 1e-8) } }
    expect(() => expectParams(golden, 'grad', evaluate(bent).work.gradient)).toThrow(/grad\/(critic|trunk)/)
    const moved = { ...golden, batch: { ...golden.batch, logprobs: golden.batch.logprobs.map((p) => p + 1e-8) } }
    expect(() => expectParams(golden, 'grad', evaluate(moved).work.gradient)).toThrow(/grad\/(actor|trunk)/)
  })
})

describe('golden files', () => {
  it('control: the comparison finds one bent bit in 1e9, NaN and a different length', () => {
    expect(() => expectClose('x', [1, 2 + 1e-8], [1, 2])).toThrow('x[1]')
    expect(() => expectClose('x', [1, NaN], [1, 2])).toThrow('x[1]')
    expect(() => expectClose('x', [1], [1, 2])).toThrow('lengths 1, 2')
    expect(difference([0, 0], [0, 0]).relative).toBe(0)
  })

  it.each([
    ['dist', '"beta"'],
    ['activation', '"gelu"'],
    ['hidden', '[64, 0]'],
    ['dual_clip', '3'],
  ])('refuses an option it does not support: %s %s', (key, value) => {
    const file = read('discrete')
    const config = { ...JSON.parse(file.metadata.config), [key]: JSON.parse(value) }
    const changed = { ...file, metadata: { ...file.metadata, config: JSON.stringify(config) } }
    expect(() => readPpoGolden(changed)).toThrow(`metadata.config.${key}`)
  })

  it('refuses a missing tensor and one of another size', () => {
    const file = read('discrete')
    const without = new Map(file.tensors)
    without.delete('batch/returns')
    expect(() => readPpoGolden({ ...file, tensors: without })).toThrow('batch/returns: the file has no such tensor')
    const short = new Map(file.tensors)
    short.set('batch/returns', { dtype: 'F64', shape: [3], data: new Float64Array(3) })
    expect(() => readPpoGolden({ ...file, tensors: short })).toThrow('batch/returns: 3 numbers, expected 512')
  })
})
