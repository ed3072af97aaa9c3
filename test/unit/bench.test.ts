/** The pure functions of the bench: counted operations, predicted time, statistics, rows, tables, the chart. */
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { predictSeconds, whySkipped } from '../../harness/bench/budget'
import { envsChart } from '../../harness/bench/chart'
import { convolutionTable, rowOf } from '../../harness/bench/convolutions'
import { straightLine } from '../../harness/bench/growth'
import { growthChart, growthTable } from '../../harness/bench/growthchart'
import { whyBusy } from '../../harness/bench/load'
import { blockIn, chartPath, kindOf, PAGE, pageBlock, recordName } from '../../harness/bench/record'
import { timeReference } from '../../harness/bench/reference'
import { benchTable, markdownTable } from '../../harness/bench/tables'
import { benchPoints, CASES } from '../../harness/cases/cases'
import { forwardFlops, unitFlops, updateFlops } from '../../harness/cases/flops'
import { type BenchRow, cpuWhere, firstUpdateRow, source, timedRow } from '../../harness/cases/rows'
import { logTicks } from '../../harness/figures/plot'
import { spread } from '../../harness/timing/statistics'
import { timeRepeats } from '../../harness/timing/timing'
import { presetOptions, resolveConfig } from '../../src/config/config'
import { networkShape } from '../../src/model/network'

const [cleanrl] = benchPoints('cartpole-cleanrl', 'hardware')

describe('operations', () => {
  const shape = networkShape(cartPole, cleanrl.config)

  it("counts CartPole's networks by hand", () => {
    const actor = 4 * 64 + 64 * 64 + 64 * 2
    const critic = 4 * 64 + 64 * 64 + 64 * 1
    expect(forwardFlops(shape)).toBe(2 * (actor + critic))
    // Forward, every weight's gradient, and the gradient of the inputs of all layers but the first.
    expect(updateFlops(shape)).toBe(2 * (2 * (actor + critic) + (actor - 256) + (critic - 256)))
  })

  it('is 227,200 a step with 4 epochs, the published figure', () => {
    const steps = 4 * 128
    expect(unitFlops('iteration', cartPole, cleanrl.config)).toBe(227_200 * steps)
  })

  it('adds up: a rollout and an update are an iteration, 16 minibatches an update, agents multiply', () => {
    const of = (unit: Parameters<typeof unitFlops>[0], config = cleanrl.config) => unitFlops(unit, cartPole, config)
    expect(of('rollout') + of('update')).toBe(of('iteration'))
    expect(of('minibatch') * 16).toBe(of('update'))
    expect(of('iteration', { ...cleanrl.config, numAgents: 7 })).toBe(7 * of('iteration'))
  })
})

describe('cases', () => {
  const all = Object.keys(CASES).flatMap((name) => benchPoints(name, 'hardware'))

  it('never stop early, and have 4 epochs of 4 minibatches, or 8 as train has', () => {
    for (const { name, config } of all) {
      expect(config, name).toMatchObject({ targetKl: null, stopWhenSolved: false, annealLr: false, updateEpochs: 4 })
      const own = /^(cartpole-default|first-update|minatar)/.test(name)
      expect(config.numMinibatches, name).toBe(own ? 8 : 4)
    }
  })

  it('have the sizes that their names are known for', () => {
    const sizes = (name: string, where: 'hardware' | 'software' | 'cpu') =>
      benchPoints(name, where).map(({ name, config }) => [name, config.numAgents, config.numEnvs, config.numSteps])
    expect(sizes('cartpole-wide', 'hardware')).toEqual([['cartpole-wide', 1, 4096, 32]])
    expect(sizes('cartpole-wide', 'software')).toEqual([['cartpole-wide/16', 1, 256, 32]])
    expect(sizes('cartpole-population', 'hardware')).toEqual([['cartpole-population', 2048, 4, 128]])
    expect(sizes('cartpole-population', 'software')).toEqual([['cartpole-population/16', 128, 4, 128]])
    expect(sizes('cartpole-population', 'cpu')).toEqual([['cartpole-population/256', 8, 4, 128]])
    const envs = benchPoints('scaling-envs', 'software').map(({ config }) => config.numEnvs)
    expect(envs).toEqual([4, 16, 64, 256, 1024, 4096, 16384, 65536])
    const [{ config }] = benchPoints('minibatch-step', 'software')
    expect((config.numEnvs * config.numSteps) / config.numMinibatches).toBe(2048)
  })

  it('are what the configuration allows', () => {
    for (const { config, spec } of all) {
      expect(resolveConfig(presetOptions(spec, 'default'), config, spec)).toEqual(config)
    }
  })
})

test('spread: median of odd and even numbers of values, in any order; of none it throws', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
  expect(spread([10, 9])).toEqual({ median: 9.5, min: 9, max: 10 })
  expect(() => spread([])).toThrow('of no values')
})

describe('budget', () => {
  const wanted = { repeats: 5, repeatSeconds: 0.4 }
  const before = { flops: 1e6, unitSeconds: 0.5, setupSeconds: 1 }

  it('predicts from work: setup, warm-up and repeats of the size before, scaled', () => {
    expect(predictSeconds(before, 1e6, wanted)).toBeCloseTo(1 + 7 * 0.5)
    expect(predictSeconds(before, 4e6, wanted)).toBeCloseTo(1 + 6 * 2)
    // A unit of 8 s is a sufficient warm-up, and 5 repeats of it would exceed 20 s: 3.
    expect(predictSeconds(before, 16e6, wanted)).toBeCloseTo(1 + 4 * 8)
    // Short units are repeated until a repeat is long enough.
    expect(predictSeconds({ ...before, unitSeconds: 1e-3 }, 4e6, wanted)).toBeCloseTo(1 + 7 * 0.4)
  })

  it('skips what is too long for a row or for the rest of the bench, and says so', () => {
    const budget = { spent: 200, bench: 300, row: 15 }
    expect(whySkipped(15, budget)).toBe(null)
    expect(whySkipped(16, budget)).toBe('16 s predicted, over the budget of 15 s for a row')
    expect(whySkipped(100, { ...budget, row: 1000 })).toBe(null)
    expect(whySkipped(101, { ...budget, row: 1000 })).toBe('101 s predicted, after 200 s of the 300 s for a bench')
    // If nothing similar was measured it runs, while there is time.
    expect(whySkipped(null, budget)).toBe(null)
    expect(whySkipped(null, { ...budget, spent: 301 })).toBe('after 301 s of the 300 s for a bench')
    expect(whySkipped(1e6, { spent: 1e6, bench: Number.POSITIVE_INFINITY, row: Number.POSITIVE_INFINITY })).toBe(null)
  })
})

describe('timeRepeats', () => {
  /** A clock that only the work advances. */
  function work(secondsPerUnit: number, firstExtra = 0) {
    let ms = 0
    const counts: number[] = []
    const run = async (count: number) => {
      ms += (count * secondsPerUnit + (counts.length === 0 ? firstExtra : 0)) * 1000
      counts.push(count)
    }
    return { run, counts, now: () => ms }
  }

  it('makes repeats of short units long enough, and leaves the slow first one out', async () => {
    const { run, counts, now } = work(0.001, 0.3)
    const { seconds, units, firstSeconds } = await timeRepeats(run, { repeats: 5, repeatSeconds: 0.4, now })
    expect(firstSeconds).toBeCloseTo(0.301)
    expect(units).toBe(400)
    expect(seconds).toHaveLength(5)
    for (const s of seconds) expect(s).toBeCloseTo(0.4)
    expect(counts.slice(-5)).toEqual([400, 400, 400, 400, 400])
  })

  it('does one unit a repeat where that is long, and 3 repeats where 5 take over 20 s', async () => {
    const long = work(3)
    expect(await timeRepeats(long.run, { repeats: 5, repeatSeconds: 0.4, now: long.now })).toMatchObject({ units: 1 })
    expect(long.counts).toEqual([1, 1, 1, 1, 1, 1])
    const longer = work(4.1)
    await timeRepeats(longer.run, { repeats: 5, repeatSeconds: 0.4, now: longer.now })
    expect(longer.counts).toEqual([1, 1, 1, 1])
  })

  it('with no repeats does the first unit only', async () => {
    const { run, counts, now } = work(1)
    expect(await timeRepeats(run, { repeats: 0, repeatSeconds: 0, now })).toEqual({
      ...{ firstSeconds: 1, seconds: [], units: 0 },
    })
    expect(counts).toEqual([1])
  })
})

const timed = {
  plan: 'fused',
  dispatches: 54,
  dispatchesPerIteration: 54,
  hostMs: 0.12345,
  firstUpdateSeconds: 1.23456,
}
const where = { adapter: 'some gpu', isFallbackAdapter: false, browser: 'Chrome/1' }

describe('rows', () => {
  it('turn seconds into rates, with median and range', () => {
    const row = timedRow(cleanrl, { ...timed, seconds: [2, 1, 4], units: 10 }, where)
    expect(row).toMatchObject({ case: 'cartpole-cleanrl', who: 'ppo-webgpu', plan: 'fused', unit: 'iteration' })
    expect(row).toMatchObject({ ms: 200, msMin: 100, msMax: 400, repeats: 3, iterations: 10 })
    expect(row).toMatchObject({ sps: 2560, spsMin: 1280, spsMax: 5120, flopsPerSecond: 581_600_000 })
    expect(row).toMatchObject({
      ...where,
      commit: expect.anything(),
      date: expect.any(String),
      firstUpdateSeconds: 1.23,
    })
    expect(row.config).toEqual({ ...cleanrl.config, plan: 'fused' })
  })

  it('count optimiser steps where minibatches are timed', () => {
    const [point] = benchPoints('minibatch-step', 'hardware')
    const row = timedRow(point, { ...timed, seconds: [1], units: 20 }, where)
    expect(row).toMatchObject({ unit: 'minibatch', ms: 50, sps: 20, flopsPerSecond: 2.144e9 }) // 20 x 2048 x 52,352
  })

  it('have no rate where only the first update is timed', () => {
    const [point] = benchPoints('first-update', 'hardware')
    const seconds = [3, 1, 2].map((load) => ({ load, create: load / 2 }))
    const row = firstUpdateRow(point, seconds, timed, where)
    expect(row).toMatchObject({ ms: 2000, msMin: 1000, msMax: 3000, sps: null, firstUpdateSeconds: 1, repeats: 3 })
    expect(benchTable([row])).toContain('2,000')
  })
})

test.each(['iteration', 'rollout', 'update', 'minibatch'] as const)('the CPU reference does %s', async (unit) => {
  const config = { ...cleanrl.config, numEnvs: 2, numSteps: 8 }
  const timing = { repeats: 2, repeatSeconds: 1e-6 }
  const result = await timeReference({ ...cleanrl, unit, config }, timing)
  expect(result).toMatchObject({ plan: 'reference', dispatches: null })
  expect(result.seconds).toHaveLength(2)
  expect(Math.min(...result.seconds, result.firstUpdateSeconds)).toBeGreaterThan(0)
})

describe('convolutions', () => {
  const time = { layer: 'trunk.0', pass: 'forward', stem: 'conv_forward.bits', m: 64, n: 16, k: 36 } as const
  const measured = rowOf('minatar-step/4', { ...time, convolution: [2e-6, 1e-6, 4e-6], matmul: [1e-6, 1e-6, 1e-6] })
  const row = { ...measured, ...where, ...source(), config: cleanrl.config }

  it('rows: the rates of the medians, and the ratio round by round', () => {
    expect(row).toMatchObject({ flopsPerSecond: 3.686e10, matmulFlopsPerSecond: 7.373e10, rounds: 3 })
    expect(row.ratio).toEqual({ median: 0.5, min: 0.25, max: 1 })
    expect(convolutionTable([{ ...row, pass: 'weight' }])).toMatch(
      /64 x 16 x 36 +gradient of weight +conv_forward.bits +36.86 +73.73 +0.50 +0.25 - 1.00/,
    )
  })

  it('are those of the minibatch steps with convolutions, and are kept without other rows', () => {
    const sizes = benchPoints('convolutions', 'software').map(({ name, unit }) => [name, unit])
    expect(sizes).toEqual([
      ['minatar-step/4', 'minibatch'],
      ['nature-cnn/16', 'minibatch'],
    ])
    expect(recordName([row])).toMatch(/-some-gpu$/)
  })
})

describe('what is kept', () => {
  const software = { ...where, adapter: 'google swiftshader (software)' }
  const scaling = benchPoints('scaling-envs', 'software')
  const rowsFor = (plan: string, sps: number[], on: typeof where | ReturnType<typeof cpuWhere>): BenchRow[] =>
    sps.map((rate, i) => {
      const { numEnvs, numSteps } = scaling[i].config
      const seconds = [(numEnvs * numSteps) / rate]
      return timedRow(scaling[i], { ...timed, plan, seconds, units: 1 }, on)
    })
  const rows = [...rowsFor('fused', [100, 1000, 9000], software), ...rowsFor('reference', [500, 500], cpuWhere())]
  const skipped = [256, 1024].map((numEnvs, i) => {
    return { case: 'scaling-envs', plan: 'fused', numEnvs, hidden: [64, 64], reason: ['too long', 'much too long'][i] }
  })

  it('the picture: logarithmic, a line and dots for each plan', () => {
    const svg = envsChart(rows)
    expect(svg.match(/<path [^>]*fill="none"/g)).toHaveLength(2)
    expect(svg.match(/<circle/g)).toHaveLength(5)
    for (const text of ['>4<', '>16<', '>64<', '>10k<', 'fused', 'CPU reference', 'google swiftshader (software)']) {
      expect(svg).toContain(text)
    }
    // Powers of 4 have equal distances: x of the three dots of one line.
    const xs = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].slice(0, 3).map(([, x]) => Number(x))
    expect(xs[2] - xs[1]).toBeCloseTo(xs[1] - xs[0], 0)
    expect(() => envsChart([])).toThrow('--case scaling-envs')
  })

  it('logTicks cover the values', () => {
    expect(logTicks(100, 9000)).toEqual([100, 200, 500, 1000, 2000, 5000, 10000])
    expect(logTicks(3, 3)).toEqual([2, 5])
  })

  it('the name of the file: date, adapter, and cores of a software adapter', () => {
    const row = { ...rows[0], date: '2026-11-21T03:56:13.180Z', cores: 2 }
    expect(recordName([row])).toBe('2026-11-21-google-swiftshader-2-cores')
    expect(recordName([{ ...row, adapter: 'NVIDIA H200' }])).toBe('2026-11-21-nvidia-h200')
    expect(kindOf([row])).toBe('software')
    expect(kindOf([{ ...row, adapter: 'NVIDIA H200' }])).toBe('hardware')
    expect(() => recordName([row, { ...row, commit: 'another' }])).toThrow('commit')
    expect(() => recordName([row, { ...row, adapter: 'NVIDIA H200' }])).toThrow('adapter')
    expect(() => kindOf(rowsFor('reference', [1], cpuWhere()))).toThrow('no row was measured on an adapter')
  })

  it('is not recorded on a busy machine', () => {
    expect(whyBusy(0.6, 2)).toBe(null)
    expect(whyBusy(null, 2)).toBe(null)
    expect(whyBusy(0.61, 2)).toContain('its load average of the last minute is 0.61, on 2 cores')
  })

  it("the page's block says where the numbers come from and what was left out", () => {
    const block = pageBlock({
      rows,
      skipped,
      convolutions: [],
      python: [],
      seconds: 123.4,
      load: { before: 0.1, after: 1.5 },
    })
    expect(block).toContain('google swiftshader (software) in Chrome/1')
    expect(block).toContain('took 123 s, load average 0.1 before it and 1.5 after')
    expect(block).toContain('- scaling-envs, fused: 256 envs of 64 x 64, 1,024 envs of 64 x 64. The first: too long')
    expect(block).toContain(markdownTable(rows))
    expect(markdownTable(rows).split('\n')).toHaveLength(rows.length + 2)
    const page = 'a\n<!-- bench software: written by npm run bench -- --record -->old<!-- end of bench -->b'
    const { from, to } = blockIn(page, 'software')
    expect(page.slice(from, to)).toBe('old')
    expect(() => blockIn(page, 'hardware')).toThrow('bench hardware')
    // Without rows of scaling-envs there is no chart.
    expect(block).toContain(chartPath('software'))
    const few = rows.filter((row) => !row.case.startsWith('scaling-envs')).concat({ ...rows[0], case: 'cartpole-wide' })
    const small = pageBlock({ rows: few, skipped, convolutions: [], python: [], seconds: 1, load: null })
    expect(small).not.toContain(chartPath('software'))
  })
})

test.each(['software', 'hardware'] as const)(
  'the block of %s numbers in docs/performance.md is what the kept rows say',
  (kind) => {
    const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
    const page = file(PAGE)
    const { from, to } = blockIn(page, kind)
    const block = page.slice(from, to).trim()
    if (block === 'No rows are kept yet.') return
    const [, path] = /\[all rows\]\(\.\.\/(harness\/results\/[\w.-]+\.json)\)/.exec(block)!
    const measured = JSON.parse(file(path))
    expect(block).toBe(pageBlock(measured))
    if (block.includes(chartPath(kind))) expect(file(chartPath(kind))).toBe(envsChart(measured.rows))
  },
)

describe('growth', () => {
  it('a line through exact points is found, and how far a point is off', () => {
    const line = [1, 2, 4].map((x) => ({ x, ms: 3 + 2 * x }))
    expect(straightLine(line)).toEqual({ fixed: 3, per: 2, off: expect.closeTo(0, 12) })
    const { fixed, per, off } = straightLine([...line, { x: 8, ms: 38 }])
    expect(fixed).toBeLessThan(3)
    expect(per).toBeGreaterThan(2)
    expect(off).toBeGreaterThan(0.1)
  })

  it('times below proportional growth have no negative fixed part', () => {
    expect(straightLine([1, 2].map((x) => ({ x, ms: 4 * x - 2 })))).toMatchObject({ fixed: 0 })
  })

  it('is drawn as a panel for each size, with its line in words', () => {
    const where = {
      adapter: 'a <b>',
      isFallbackAdapter: true,
      browser: 'c',
      commit: null,
      node: 'v',
      cpu: 'p',
      cores: 2,
    }
    const row = (axis: string) => ({
      ...{
        axis,
        plan: 'fused',
        x: axis,
        points: [
          { x: 1, ms: 5 },
          { x: 2, ms: 7 },
        ],
        fixed: 3,
        per: 2,
        off: 0,
      },
      ...{ ...where, date: '2026-11-26T00:00:00Z' },
    })
    const svg = growthChart(['environments', 'width', 'depth', 'agents'].map(row))
    expect(svg.match(/<svg /g)).toHaveLength(5)
    expect(svg.match(/<circle /g)).toHaveLength(8)
    expect(svg).toContain('3 ms + 2 ms x agents; fused, a &#60;b&#62;, 2026-11-26')
    expect(growthTable([row('depth')])).toContain('1: 5, 2: 7')
  })
})
