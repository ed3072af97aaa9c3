/** What is said of runs that do not learn, and that nothing is said of those that do. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { diagnosisText, makeDiagnosing } from '../../harness/training/diagnosis'
import { derivedSizes, type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import type { MetricsRow } from '../../src/metrics'
import { diagnose, type Finding, type FindingId } from '../../src/metrics/diagnosis'
import { keepRow } from '../../src/metrics/progress'
import { anchorsOf } from '../support/anchors'
import { recordedRows } from '../support/rows'

const setup = (id: string, options: PpoOptions = {}, preset = 'default') => {
  const spec = findEnv(id)
  return { spec, preset, config: resolveConfig(presetOptions(spec, preset), options, spec) }
}
type Setup = ReturnType<typeof setup>
const recorded = (name: string, { config }: Setup) => recordedRows(name, derivedSizes(config).batchSize)

/** What is found at each row, as training goes on. */
function findings({ spec, config }: Setup, rows: readonly MetricsRow[]): Finding[][] {
  const kept: MetricsRow[] = []
  return rows.map((row) => {
    keepRow(kept, row)
    return diagnose(kept, config, spec)
  })
}
const idsOf = (found: Finding[][]): FindingId[] => [...new Set(found.flat().map(({ id }) => id))]

describe('a run that learns is left alone', () => {
  test.each([
    ['CartPole-v1', 148, { totalTimesteps: 305_000 }],
    ...([
      ['Acrobot-v1', 21],
      ['MountainCar-v0', 52],
      ['MountainCarContinuous-v0', 21],
      ['Pendulum-v1', 31],
    ] as const),
    ...([
      ['LunarLander-v3', 122],
      ['LunarLanderContinuous-v3', 122],
    ] as const),
    ...([
      ['HalfCheetah-v5', 488],
      ['Hopper-v5', 488],
      ['Walker2d-v5', 488],
      ['Swimmer-v5', 244],
    ] as const),
    ...([
      ['InvertedDoublePendulum-v5', 488],
      ['InvertedPendulum-v5', 488],
      ['Reacher-v5', 238],
    ] as const),
  ] as [string, number, PpoOptions?][])('%s, %i iterations', (id, iterations, options) => {
    const run = setup(id, options)
    const rows = recorded(id, run)
    expect(rows).toHaveLength(iterations)
    expect(rows[0].timesteps).toBe(run.config.numEnvs * run.config.numSteps)
    expect(findings(run, rows).flat()).toEqual([])
  })
})

describe('runs that do not', () => {
  const steps = setup('CartPole-v1', { learningRate: 0.1, totalTimesteps: 100_000 })
  const reward = setup('MountainCar-v0', { totalTimesteps: 40_000 }, 'cleanrl')
  const short = setup('Pendulum-v1', { numEnvs: 64, numSteps: 16, totalTimesteps: 12_000 })

  test('steps of a learning rate of 0.1 are too large, and then nothing is explored', () => {
    const found = findings(steps, recorded('broken-steps', steps))
    expect(idsOf(found)).toEqual(['kl', 'clipping', 'entropy', 'gradient', 'flat'])
    expect(found[4].map(({ text }) => text)).toEqual([
      'The policy changes too much in an iteration (KL 2.5; about 0.02 is usual): lower learningRate, or set targetKl.',
      '52 % of the samples are clipped, so most of the batch teaches nothing: lower learningRate or updateEpochs.',
    ])
    expect(found[12].map(({ text }) => text)).toEqual([
      'It stopped exploring early: lower learningRate, or raise entCoef (entropy 0 of at most 0.69).',
    ])
    const { text } = found[29].find(({ id }) => id === 'flat')!
    expect(text).toMatch(/^The return is no better than at the beginning \(40, now 9\.4\): begin with/)
  })

  test('a reward that is the same everywhere', () => {
    const found = findings(reward, recorded('broken-reward', reward))
    expect(found.slice(0, 19).flat()).toEqual([])
    expect(found.at(-1)!.map(({ id, text }) => `${id}: ${text}`)).toEqual([
      'critic: The critic predicts worse than a constant (explained variance -0.018): raise vfCoef, or set normReward=true where rewards are large.',
      'gradient: Every gradient is clipped (norm 33, maxGradNorm 0.5) and nothing is learned: raise maxGradNorm, or set normReward=true.',
      'flat: Every episode has returned -200 in 20,480 steps, so nothing tells good actions from bad: raise entCoef, train longer, or reward steps on the way.',
    ])
  })

  test('a run that ends before its first episode', () => {
    const found = findings(short, recorded('broken-length', short))
    expect(found.at(-1)!.map(({ text }) => text)).toEqual([
      'No episode has finished in 3,072 steps, so there is no return: one lasts up to 200 steps in each of 64 environments. Train for more than 12,800 steps, or use fewer environments.',
    ])
  })

  test('the command says each once when it begins, and all at the end, with the agents that show it', () => {
    const said: string[] = []
    const { spec, preset, config } = steps
    const two = { spec, preset, config: { ...config, numAgents: 2 } }
    const diagnosing = makeDiagnosing(two, (line) => said.push(line))
    for (const row of recorded('broken-steps', steps)) for (const agent of [0, 1]) diagnosing.take(agent, row)
    expect(said.map((line) => /^Diagnosis at ([\d,]+) steps, agent 0: /.exec(line)?.[1])).toEqual([
      '10,240',
      '10,240',
      '22,528',
      '40,960',
      '40,960',
    ])
    const found = diagnosing.found()
    expect(found.map(({ id, from, until, agents }) => [id, from, until, agents])).toEqual([
      ['kl', 10_240, 20_480, 2],
      ['clipping', 10_240, 10_240, 2],
      ['entropy', 22_528, 49_152, 2],
      ['gradient', 40_960, 57_344, 2],
      ['flat', 40_960, 61_440, 2],
    ])
    expect(diagnosisText(found, 2)[1]).toBe(
      'Diagnosis (10,240 to 10,240 steps, 2 of 2 agents): 52 % of the samples are clipped, so most of the batch teaches ' +
        'nothing: lower learningRate or updateEpochs. More: docs/troubleshooting.md#more-than-half-of-the-samples-are-clipped',
    )
  })
})

describe('the limits', () => {
  /** A run of CartPole in which nothing is wrong, except for `changes`. */
  const rowsWith = (changes: Partial<MetricsRow> | ((i: number) => Partial<MetricsRow>), count = 60, from = 1) =>
    Array.from({ length: count }, (_, i): MetricsRow => {
      const usual = { entropy: 0.6, approxKl: 0.01, kl: 0.01, clipfrac: 0.1, gradNorm: 0.2, explainedVariance: 0.8 }
      const episodes = { episodes: 10, returnMean: 20 + i, returnStd: 5, episodicReturn: 20 + i, solvedAt: null }
      const counts = { iteration: from + i, timesteps: 2048 * (from + i), updates: 32, status: 'running' as const }
      const own = typeof changes === 'function' ? changes(i) : changes
      return { ...({} as MetricsRow), ...usual, ...episodes, ...counts, ...own }
    })
  const ids = (rows: MetricsRow[], options: PpoOptions = {}, id = 'CartPole-v1') =>
    diagnose(rows, setup(id, { totalTimesteps: 300_000, ...options }).config, findEnv(id)).map((f) => f.id)
  const flat = { returnMean: 20, episodicReturn: 20 }

  test.each<[string, Partial<MetricsRow>, PpoOptions, FindingId[]]>([
    ['nothing', {}, {}, []],
    ['KL 0.05', { approxKl: 0.05 }, {}, []],
    ['KL 0.07', { approxKl: 0.07 }, {}, ['kl']],
    ['KL 0.02, of a target', { approxKl: 0.02 }, { targetKl: 0.01 }, []],
    ['KL 0.04, of a target', { approxKl: 0.04 }, { targetKl: 0.01 }, ['kl']],
    ['KL 0.07, of a larger one', { approxKl: 0.07 }, { targetKl: 0.05 }, []],
    ['the exact KL, of a penalty', { kl: 0.04 }, { algorithm: 'penalty', targetKl: 0.01 }, ['kl']],
    ['the exact KL, of an adaptive rate', { kl: 0.04 }, { adaptiveLr: true, annealLr: false, desiredKl: 0.01 }, ['kl']],
    ['clip fraction 0.45', { clipfrac: 0.45 }, {}, []],
    ['clip fraction 0.55', { clipfrac: 0.55 }, {}, ['clipping']],
    ['entropy 0.02', { entropy: 0.02 }, {}, []],
    ['entropy 0.01', { entropy: 0.01 }, {}, ['entropy']],
    ['entropy 0.01, solved', { entropy: 0.01, episodicReturn: 480 }, {}, []],
    ['entropy 0.01, late', { entropy: 0.01 }, { totalTimesteps: 200_000 }, []],
    ['a bad critic that learns', { explainedVariance: -0.5 }, {}, []],
    ['a bad critic', { ...flat, explainedVariance: -0.5 }, {}, ['critic', 'flat']],
    ['a null critic', { ...flat, explainedVariance: null }, {}, ['flat']],
    ['clipped gradients that learn', { gradNorm: 9 }, {}, []],
    ['clipped gradients', { ...flat, gradNorm: 9 }, {}, ['gradient', 'flat']],
    ['a wider clip', { ...flat, gradNorm: 9 }, { maxGradNorm: 10 }, ['flat']],
    ['flat', flat, {}, ['flat']],
    ['flat, early', flat, { totalTimesteps: 1_000_000 }, []],
    ['flat, and solved before', { ...flat, solvedAt: 4096 }, {}, []],
    ['flat at the threshold', { returnMean: 490, episodicReturn: 490 }, {}, []],
    ['no episodes', { episodes: 0, returnMean: null, returnStd: null, episodicReturn: null }, {}, ['episodes']],
    [
      'three causes, and what follows',
      { ...flat, approxKl: 1, clipfrac: 1, entropy: 0, gradNorm: 9 },
      {},
      ['kl', 'clipping', 'entropy'],
    ],
    ['a number that is not finite', { ...flat, approxKl: 1, status: 'notFinite' }, {}, []],
  ])('%s', (_, changes, options, wanted) => {
    expect(ids(rowsWith(changes), options)).toEqual(wanted)
  })

  test('one row is no finding, and rows without the beginning say less', () => {
    expect(ids(rowsWith((i) => (i === 59 ? { approxKl: 0.2, clipfrac: 0.9 } : {})))).toEqual([])
    expect(ids(rowsWith({ approxKl: 1 }, 4))).toEqual([])
    expect(ids(rowsWith({ ...flat, gradNorm: 9, explainedVariance: -1 }, 60, 80))).toEqual([])
    expect(ids(rowsWith({ clipfrac: 1 }, 60, 80))).toEqual(['clipping'])
    expect(ids([])).toEqual([])
  })

  test('of a box, the deviation counts, in the width of the box', () => {
    const entropy = (deviation: number) => 0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(deviation)
    const of = (deviation: number, options: PpoOptions = {}, more: Partial<MetricsRow> = flat) =>
      ids(rowsWith({ entropy: entropy(deviation), ...more }, 20), options, 'Pendulum-v1')
    // Half the width is 2; Pendulum has no threshold.
    expect(of(0.05)).toEqual([])
    expect(of(0.03)).toEqual(['entropy'])
    expect(of(0.03, {}, {})).toEqual([])
    expect(of(0.03, { scaleActions: true })).toEqual([])
    expect(of(0.01, { scaleActions: true })).toEqual(['entropy'])
  })

  test('long runs keep few rows, and the same findings', () => {
    const kept: MetricsRow[] = []
    const all = rowsWith({ ...flat, gradNorm: 9 }, 3000)
    for (const row of all) {
      keepRow(kept, row)
      expect(kept.length).toBeLessThanOrEqual(400)
    }
    expect(kept[0]).toBe(all[0])
    expect(kept.slice(-100)).toEqual(all.slice(-100))
    expect(ids(kept, { totalTimesteps: 10_000_000 })).toEqual(ids(all, { totalTimesteps: 10_000_000 }))
    expect(ids(kept, { totalTimesteps: 10_000_000 })).toEqual(['gradient', 'flat'])
  })
})

test('each has a paragraph in the documents', () => {
  const text = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')
  const source = readFileSync(new URL('../../src/metrics/diagnosis.ts', import.meta.url), 'utf8')
  const links = [...source.matchAll(/^ {2}\w+: '([a-z0-9-]+)',$/gm)].map(([, anchor]) => anchor)
  expect(links).toHaveLength(7)
  expect(links.filter((anchor) => !anchorsOf(text).includes(anchor))).toEqual([])
})
