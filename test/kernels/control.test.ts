import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { derivedSizes, type PpoOptions, resolveConfig } from '../../src/config/config'
import { HEALTH_BUFFERS, type MetricsRow, metricsRow, type NotFinite } from '../../src/metrics'
import { control, makeControlState, remainingAt } from '../../src/reference/control'
import type { MinibatchResult } from '../../src/reference/update'
import { hyperValues } from '../../src/run/hyper'
import {
  expectClose,
  expectUntouched,
  gates,
  progressOf,
  randomNumbers,
  runKernel,
  structsOf,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const structs = structsOf('control')
const f32 = Math.fround
// Means of up to 8 numbers below 2, products of a few.
const LIMIT = { atol: 5e-7, rtol: 5e-7 }
// Sums of up to 100 returns up to 500 in a different order.
const RETURNS = { atol: 1e-6, rtol: 3e-6 }

const SIZES = { numEnvs: 2, numSteps: 5, numMinibatches: 2, updateEpochs: 2, totalTimesteps: 5000 }
const NUM_UPDATES = 4
const STOP_STRIDE = NUM_UPDATES + 3
const THRESHOLD = 100
const spec = { ...cartPole, rewardThreshold: THRESHOLD }
const [RUNNING, HALTED, NOT_FINITE, STOP_KL] = [0, 1, 2, 3]

const random = randomNumbers(1)
const positive = () => f32(Math.abs(random()))

/** The results of the kernels before it, of one agent's iteration. */
interface Report {
  /** Evaluated minibatches; with `stopped` the last of them had no step, for that reason. */
  evaluated?: number
  stopped?: number
  /** Their exact KL; default random. */
  kl?: number
  episodes?: number
  meanReturn?: number
  /** The fault found by health in the rollout, or by adam in an update. */
  fault?: NotFinite
}

function reportValues(report: Report) {
  const { evaluated = NUM_UPDATES, stopped = 0, kl, episodes = 0, meanReturn = 0 } = report
  const updates = Array.from({ length: NUM_UPDATES }, (_, u) => ({
    pgLoss: random(),
    vLoss: positive(),
    entropy: positive(),
    loss: random(),
    approxKl: positive(),
    oldApproxKl: random(),
    clipfrac: positive(),
    kl: f32(kl ?? positive()),
    gradNorm: stopped === NOT_FINITE && !report.fault && u === evaluated - 1 ? Number.NaN : positive(),
    learningRate: positive(),
    evaluated: Number(u < evaluated),
    situations: Array.from({ length: 6 }, () => Math.floor(100 * positive())),
  }))
  const rollout = {
    explained: Number(random() > 0),
    explainedVariance: random(),
    episodes,
    returnMean: f32(meanReturn),
    returnM2: f32(episodes * positive()),
    returnMin: random(),
    returnMax: random(),
    lengthMean: f32(10 * positive()),
    lengthM2: f32(episodes * positive()),
    lengthMin: positive(),
    lengthMax: positive(),
  }
  const results: MinibatchResult[] = updates.slice(0, evaluated).map((u, i) => {
    const { gradNorm, learningRate, evaluated: _, situations, ...stats } = u
    const last = stopped !== 0 && i === evaluated - 1
    return {
      epoch: Math.floor(i / SIZES.numMinibatches),
      stats: { ...stats, situations: situations as never },
      learningRate,
      gradNorm: last && stopped === STOP_KL ? null : gradNorm,
      stepped: !last || report.fault?.buffer === 'parameters',
      finite: !(last && report.fault?.buffer === 'parameters'),
    }
  })
  // After a non-finite step the next minibatch is the stopped one.
  const stopSlot = stopped ? evaluated + Number(report.fault?.buffer === 'parameters') : -1
  return { updates, rollout, results, stopSlot, stopped, fault: report.fault }
}

/** The word after the gates (shaders/lib/data/fault.wgsl). */
function faultWord(fault: NotFinite | undefined): number {
  if (!fault) return 0
  const rows = (SIZES.numSteps + 1) * SIZES.numEnvs
  const row = fault.step * SIZES.numEnvs + fault.env
  const places: Partial<Record<NotFinite['buffer'], number>> = {
    parameters: fault.step,
    advantages: 2 * rows - 1 - row,
  }
  return 0xffffffff - ((places[fault.buffer] ?? row) * 16 + HEALTH_BUFFERS.indexOf(fault.buffer))
}

/** Several agents on the GPU and on the CPU, with the same inputs. */
function makeAgents(options: PpoOptions[]) {
  const configs = options.map((o) => resolveConfig({}, { ...SIZES, ...o }))
  const numAgents = configs.length
  const states = configs.map((config) => makeControlState(config))
  const buffers = {
    hyper: structs.write(
      'Hyper',
      configs.map((config) => hyperValues(config, spec, 0)),
    ),
    progress: progressOf(
      structs,
      configs.map((c) => ({ learningRate: c.learningRate, klCoef: c.algorithm === 'penalty' ? c.klCoef : 0 })),
    ),
    return_window: unwritten(numAgents * 200),
    stop: gates(numAgents, STOP_STRIDE),
    metrics: unwrittenWords(2 * numAgents * structs.words('Metrics')),
  }
  let calls = 0

  /** One iteration; the rows of both sides, null where the agent had stopped before. */
  async function iterate(reports: Report[]) {
    const values = reports.map(reportValues)
    const slot = calls++ % 2
    const halted = states.map((state) => state.status !== 'running')
    const before = structuredClone(buffers)
    values.forEach(({ stopSlot, stopped, fault }, agent) => {
      if (!halted[agent]) buffers.stop[(agent + 1) * STOP_STRIDE - 1] = faultWord(fault)
      for (let u = 0; u < NUM_UPDATES; u++) {
        buffers.stop[agent * STOP_STRIDE + 2 + u] = stopSlot >= 0 && u >= stopSlot - 1 ? stopped : 0
      }
    })
    const stopBefore = buffers.stop.slice()
    const after = await runKernel({
      stem: 'control',
      args: {
        numAgents,
        numUpdates: NUM_UPDATES,
        numMinibatches: SIZES.numMinibatches,
        stopStride: STOP_STRIDE,
        numEnvs: SIZES.numEnvs,
        numSteps: SIZES.numSteps,
        slot,
      },
      buffers: {
        ...buffers,
        update_stats: structs.write(
          'UpdateStats',
          values.flatMap(({ updates }) => updates),
        ),
        rollout_stats: structs.write(
          'RolloutStats',
          values.map(({ rollout }) => rollout),
        ),
      },
      outputs: ['progress', 'return_window', 'stop', 'metrics'],
      workgroups: [Math.ceil(numAgents / 64), 1, 1],
    })
    const words = structs.words('Metrics')
    const live = (agent: number) => agent < numAgents && !halted[agent]
    expectUntouched('control.stop', after.stop, stopBefore, (i) => i % STOP_STRIDE < 2)
    expectUntouched(
      'control.metrics',
      after.metrics,
      before.metrics,
      (i) => Math.floor(i / (numAgents * words)) === slot,
    )
    expectUntouched('control.return_window', after.return_window, before.return_window, (i) =>
      live(Math.floor(i / 200)),
    )
    const progressWords = structs.words('Progress')
    expectUntouched('control.progress', after.progress, before.progress, (i) => live(Math.floor(i / progressWords)))
    Object.assign(buffers, after)

    return configs.map((config, agent) => {
      const { batchSize } = derivedSizes(config)
      const raw = structs.read<never>('Metrics', after.metrics, slot * numAgents + agent)
      const gpu = metricsRow(raw, batchSize)
      if (halted[agent]) return { gpu, ref: null }
      const { rollout, results, fault } = values[agent]
      const n = rollout.episodes
      const some = (value: number) => (n > 0 ? value : null)
      const notFinite = fault && fault.buffer !== 'parameters' ? fault : null
      const ref = control(states[agent], config, {
        results,
        explainedVariance: rollout.explained && !notFinite ? rollout.explainedVariance : null,
        notFinite,
        rewardThreshold: THRESHOLD,
        episodes: {
          episodes: n,
          returnSum: n * rollout.returnMean,
          returnMean: some(rollout.returnMean),
          returnMin: some(rollout.returnMin),
          returnMax: some(rollout.returnMax),
          returnStd: some(Math.sqrt(rollout.returnM2 / n)),
          lengthMean: some(rollout.lengthMean),
          lengthMin: some(rollout.lengthMin),
          lengthMax: some(rollout.lengthMax),
          lengthStd: some(Math.sqrt(rollout.lengthM2 / n)),
        },
      })
      const progress = structs.read('Progress', after.progress, agent)
      expect(progress.iteration).toBe(states[agent].iteration)
      expectClose('control.next learningRate', [progress.learningRate], [states[agent].learningRate], LIMIT)
      expectClose('control.next remaining', [progress.remaining], [remainingAt(config, ref.iteration + 1)], LIMIT)
      const gate = ref.status === 'running' ? RUNNING : HALTED
      expect([...after.stop.subarray(agent * STOP_STRIDE, agent * STOP_STRIDE + 2)]).toEqual([gate, gate])
      return { gpu, ref }
    })
  }
  return { iterate, progress: (agent: number) => structs.read('Progress', buffers.progress, agent) }
}

/** Every field of a metrics row. Outside of penalty mode the coefficient is 0 on the GPU, because it has no meaning. */
function expectRow(gpu: MetricsRow | null, ref: MetricsRow | null, penalty = false): void {
  if (ref === null || gpu === null) {
    expect(gpu).toBe(ref)
    return
  }
  for (const key of Object.keys(ref) as (keyof MetricsRow)[]) {
    if (key === 'klCoef' && !penalty) continue
    const [got, want] = [gpu[key], ref[key]]
    if (typeof want === 'number' && typeof got === 'number') {
      expectClose(`control.${key}`, [got], [want], /episodicReturn|returnMean|lengthMean/.test(key) ? RETURNS : LIMIT)
    } else expect(got, key).toEqual(want)
  }
}

describe('control', () => {
  test('averages, counters and schedules over a run to its end; agents apart', async () => {
    const total = 70 // 7 iterations
    const agents = makeAgents([
      { learningRate: 0.125, totalTimesteps: total },
      { learningRate: 0.25, annealLr: false },
      { learningRate: 0.5, totalTimesteps: 20 },
    ])
    const reports: Report[] = [
      {},
      { evaluated: 1, stopped: STOP_KL }, // stopped at the first: no step at all
      { evaluated: 3, stopped: STOP_KL, episodes: 3, meanReturn: 7 },
      { evaluated: 4, stopped: STOP_KL },
      { episodes: 1, meanReturn: 5 },
      {},
      {},
    ]
    const statuses: (string | undefined)[][] = []
    let steps = 0
    for (const report of reports) {
      const rows = await agents.iterate([report, {}, report])
      for (const { gpu, ref } of rows) expectRow(gpu, ref)
      statuses.push(rows.map(({ gpu }) => gpu?.status))
      steps += rows[0].gpu!.updates
    }
    expect(statuses.map(([first]) => first)).toEqual([...Array(6).fill('running'), 'finished'])
    expect(statuses.map((row) => row[1])).toEqual(Array(7).fill('running'))
    expect(statuses.map((row) => row[2])).toEqual(['running', 'finished', ...Array(5).fill(undefined)])
    expect(steps).toBe(4 + 0 + 2 + 3 + 4 + 4 + 4)
    expect(agents.progress(0).adamStep).toBe(steps)
    expect(agents.progress(0).learningRate).toBe(0)
    expect(agents.progress(1).learningRate).toBe(0.25)
    // The finished agent's record is unchanged.
    expect(agents.progress(2)).toMatchObject({ iteration: 2, status: 1, adamStep: 4 })
  })

  test('the window: the fewest latest iterations with 100 episodes; solved at the threshold, once', async () => {
    const agents = makeAgents([{ stopWhenSolved: false }, { stopWhenSolved: true }])
    const step = async (episodes: number, meanReturn: number) => {
      const rows = await agents.iterate(Array(2).fill({ episodes, meanReturn }))
      for (const { gpu, ref } of rows) expectRow(gpu, ref)
      return rows.map(({ gpu }) => gpu)
    }
    expect((await step(60, 1))[0]!.episodicReturn).toBeNull()
    expect((await step(0, 0))[0]!.episodicReturn).toBeNull()
    expect((await step(39, 10))[0]!.episodicReturn).toBeNull()
    expect((await step(1, 10))[0]!.episodicReturn).toBeCloseTo((60 + 400) / 100, 5)
    expect((await step(60, 2))[0]!.episodicReturn).toBeCloseTo((400 + 120) / 100, 5)
    expect((await step(99, 101))[0]!.solvedAt).toBeNull() // with the 60 before still below
    const solved = await step(1, 101)
    expect(solved.map((row) => [row!.status, row!.solvedAt])).toEqual([
      ['running', 70],
      ['solved', 70],
    ])
    const later = await step(100, 3)
    expect(later[0]).toMatchObject({ episodicReturn: 3, solvedAt: 70 })
    expect(later[1]).toBeNull()
  })

  test('the window of one episode an iteration wraps after 100 entries', async () => {
    const agents = makeAgents([{}])
    for (let i = 0; i < 130; i++) {
      const [{ gpu, ref }] = await agents.iterate([{ episodes: 1, meanReturn: i % 90 }])
      if (i === 98) expect(gpu!.episodicReturn).toBeNull()
      if (i >= 98) expectRow(gpu, ref)
    }
  })

  test('not finite: of the rollout, of a gradient, of a step; before solved and finished', async () => {
    const options = [{ totalTimesteps: 10 }, { stopWhenSolved: true }, {}, {}, {}, {}]
    const agents = makeAgents(options)
    const inRollout = (buffer: NotFinite['buffer'], step: number): Report => {
      return { evaluated: 0, fault: { buffer, step, env: 1 } }
    }
    const inStep = (step: number): Report => {
      return { evaluated: step + 1, stopped: NOT_FINITE, fault: { buffer: 'parameters', step, env: 0 } }
    }
    const rows = await agents.iterate([
      inRollout('values', 4),
      { evaluated: 3, stopped: NOT_FINITE, episodes: 100, meanReturn: 500 },
      { evaluated: 1, stopped: NOT_FINITE },
      inStep(1),
      inRollout('advantages', 7),
      // Its episodes do not count: there is no mean over them.
      { ...inRollout('states', SIZES.numSteps - 1), episodes: 200, meanReturn: 1000 },
    ])
    for (const { gpu, ref } of rows) expectRow(gpu, ref)
    expect(rows.map(({ gpu }) => gpu!.status)).toEqual(options.map(() => 'notFinite'))
    expect(rows.map(({ gpu }) => gpu!.notFinite)).toEqual([
      { buffer: 'values', step: 4, env: 1 },
      { buffer: 'gradients', step: 2, env: 0 },
      { buffer: 'gradients', step: 0, env: 0 },
      { buffer: 'parameters', step: 1, env: 0 },
      { buffer: 'advantages', step: 7, env: 1 },
      { buffer: 'states', step: SIZES.numSteps - 1, env: 1 },
    ])
    expect(rows.map(({ gpu }) => [gpu!.minibatches, gpu!.updates])).toEqual([
      [0, 0],
      [3, 2],
      [1, 0],
      [2, 2],
      [0, 0],
      [0, 0],
    ])
    expect(rows[5].gpu).toMatchObject({ episodes: 200, episodicReturn: null, solvedAt: null, explainedVariance: null })
    expect(agents.progress(3).adamStep).toBe(2)
    const stopped = await agents.iterate(options.map(() => ({})))
    expect(stopped.map(({ gpu }) => gpu)).toEqual(options.map(() => null))
  })

  test('penalty: the coefficient follows the KL of the last epoch, inside its bounds', async () => {
    const penalty = { algorithm: 'penalty', targetKl: 0.5 } as const
    const agents = makeAgents([
      { ...penalty, klCoef: 1 },
      { ...penalty, klCoef: 1e-6 },
      { ...penalty, klCoef: 8e5 },
      { targetKl: 0.5 },
    ])
    const coefficients: number[][] = []
    for (const kl of [0.25, 0.5, 0.7, 0.8, 0.8]) {
      const rows = await agents.iterate([{ kl }, { kl: 0 }, { kl: 100 }, { kl: 100 }])
      rows.forEach(({ gpu, ref }, agent) => {
        expectRow(gpu, ref, agent < 3)
      })
      coefficients.push([0, 1, 2, 3].map((agent) => agents.progress(agent).klCoef))
    }
    expect(coefficients.map((row) => row[0])).toEqual([0.5, 0.5, 0.5, 1, 2])
    expect(coefficients.map((row) => row[1])).toEqual(Array(5).fill(f32(1e-6)))
    expect(coefficients.map((row) => row[2])).toEqual(Array(5).fill(1e6))
    expect(coefficients.map((row) => row[3])).toEqual(Array(5).fill(0)) // not in clip mode
    // Only the last epoch's minibatches count: after an early stop there may be none.
    const [{ gpu, ref }] = await agents.iterate([{ evaluated: 2, stopped: NOT_FINITE, kl: 9 }, {}, {}, {}])
    expect(gpu!.kl).toBe(0)
    expectRow(gpu, ref, true)
  })

  test('adaptive: the learning rate goes on where the last minibatch left it', async () => {
    const agents = makeAgents([{ adaptiveLr: true, desiredKl: 0.01, annealLr: false, learningRate: 0.005 }])
    const [first] = await agents.iterate([{ evaluated: 0, episodes: 1 }])
    expectRow(first.gpu, first.ref)
    expect(first.gpu!.learningRate).toBe(f32(0.005)) // nothing was evaluated
    const [second] = await agents.iterate([{ evaluated: 3, stopped: STOP_KL }])
    expectRow(second.gpu, second.ref)
    expect(second.gpu!.learningRate).not.toBe(f32(0.005))
    expect(agents.progress(0).learningRate).toBe(second.gpu!.learningRate)
    expect([first.gpu!.epochsDone, second.gpu!.epochsDone]).toEqual([0, 1])
  })

  test('65 agents: more than a workgroup', async () => {
    const agents = makeAgents(Array.from({ length: 65 }, (_, i) => ({ learningRate: (i + 1) / 128 })))
    const rows = await agents.iterate(Array.from({ length: 65 }, (_, i) => ({ evaluated: i % 5 })))
    for (const { gpu, ref } of rows) expectRow(gpu, ref)
  })
})
