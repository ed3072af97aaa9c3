/** Long observations: what they cost is said or refused first, and thousands of differences are a few lines. */
import { describe, expect, test } from 'vitest'
import type { EnvSpec } from '../../src/env/contract'
import { Compare, tell } from '../../src/envcheck/compare'
import type { Subject } from '../../src/envcheck/kernel'
import { tellCost } from '../../src/envcheck/progress'
import { type EnvReport, envReportText, Findings } from '../../src/envcheck/report'
import type { Step } from '../../src/envcheck/transitions'
import { checkObservation, compileSeconds, LONG_OBSERVATION } from '../../src/plan/observation'

const spec = (entries: number) =>
  ({ id: 'Screen-v0', observations: Array.from({ length: entries }, (_, i) => `pixel ${i}`) }) as unknown as EnvSpec

describe('differences', () => {
  const entries = 7056
  const subject = { spec: spec(entries), words: [], stateSize: 0 } as unknown as Subject
  const compare = new Compare(subject, 1e-6, new Map())
  const kernel = new Float32Array(entries).fill(0.5)
  const differences = (wrong: Record<number, number>) => {
    const obs = Float64Array.from(kernel, (x, i) => wrong[i] ?? x)
    const step = {
      after: new Uint32Array(0),
      obs: kernel,
      terminated: [0],
      rewards: [0],
      draws: [0],
    } as unknown as Step
    return compare.step(step, 0, { state: {}, obs, reward: 0, terminated: 0, draws: 0 })
  }

  test('of few entries are told one by one', () => {
    const { wrong } = differences({ 3: 1, 7000: 2 })
    expect(wrong.map(tell)).toEqual([
      'observation 3 (pixel 3): kernel 0.5, twin 1, limit 0.000001',
      'observation 7000 (pixel 7000): kernel 0.5, twin 2, limit 0.000001',
    ])
  })

  test('of many are one line, of the entry that differs most', () => {
    const all = Object.fromEntries(Array.from(kernel, (_, i) => [i, i === 4321 ? 9 : 1]))
    const { wrong } = differences(all)
    expect(wrong.map(tell)).toEqual([
      '7056 of 7056 entries of the observation differ, the most observation 4321 (pixel 4321): kernel 0.5, twin 9, limit 0.000001',
    ])
    expect(
      differences({ ...all, 17: Number.NaN })
        .wrong.map(tell)
        .join(),
    ).toContain('the most observation 17 (pixel 17): ')
  })

  test('none', () => {
    expect(differences({ 5: 0.5 + 5e-7 })).toMatchObject({ wrong: [], maxError: { state: 0, reward: 0 } })
    expect(differences({ 5: 0.5 + 5e-7 }).maxError.observation).toBeCloseTo(5e-7, 12)
  })
})

test('of many problems of one group the first are told, and the others are counted', () => {
  const findings = new Findings()
  for (let round = 0; round < 2; round++) {
    for (let k = 0; k < 7056; k++) findings.add('finite', `observation ${k}`, () => `entry ${k} is NaN.`, 'observation')
  }
  findings.add('finite', 'reward', () => 'reward is NaN.', 'reward')
  expect(findings.problems).toHaveLength(10)
  expect(findings.problems[7]).toEqual({ check: 'finite', message: 'entry 7 is NaN.', count: 2 })
  expect(findings.problems[8]).toEqual({
    check: 'finite',
    message: 'the same of 7048 more: observation 8 to observation 7055.',
    count: 2 * 7048,
  })
  expect(findings.problems[9].message).toBe('reward is NaN.')
})

test('a report has few lines of ranges', () => {
  const report = { problems: [], checked: [], notChecked: [], notes: [], draws: { reset: 0, step: 0 }, maxError: null }
  const ranges = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `observation ${i}`, min: -i, max: 2 * i }))
  const lines = (n: number) =>
    envReportText({ ...report, ranges: ranges(n) } as unknown as EnvReport)
      .split('\n')
      .slice(2)
  expect(lines(64)).toHaveLength(64)
  expect(lines(7056)).toHaveLength(9)
  expect(lines(7056).at(-1)).toBe('  7048 more, all together: -7055 to 14110')
})

describe('the cost', () => {
  const sizes = { seed: 1, numEnvs: 64, numSteps: 200 }
  const told = (entries: number): string[] => {
    const lines: string[] = []
    tellCost(spec(entries), 3, sizes, (line) => lines.push(line))
    return lines
  }

  test('is told first where it is high', () => {
    expect(told(LONG_OBSERVATION - 1)).toEqual([])
    expect(told(7056)).toEqual([
      `Screen-v0: 7056 observations and 3 numbers of state; compiling may take about ${Math.ceil(0.65 * compileSeconds(7056))} s on a ` +
        'software adapter, the results of 64 environments x 200 steps take 373 MiB',
    ])
  })

  test('that does not fit into memory is refused, with what would', () => {
    const large = { ...sizes, numSteps: 2000 }
    const refusal =
      'checkEnv.steps: 64 environments x 2000 steps with 7056 observations and 3 numbers of state need 3478 MiB; there is room for 1024. Use at most '
    let message = ''
    try {
      tellCost(spec(7056), 3, large, () => undefined)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain(refusal)
    const steps = Number(/at most (\d+) steps/.exec(message)![1])
    expect(() => tellCost(spec(7056), 3, { ...sizes, numSteps: steps }, () => undefined)).not.toThrow()
    expect(() => tellCost(spec(7056), 3, { ...sizes, numSteps: steps + 1 }, () => undefined)).toThrow('checkEnv.steps')
  })
})

describe('an observation', () => {
  const refusal = (entries: number, software: boolean): string => {
    try {
      checkObservation(spec(entries), software)
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConfigError' })
      return (error as Error).message
    }
    return 'no error'
  }

  test('that is too long for the adapter is refused, with what it would take and what fits', () => {
    expect(refusal(7056, true)).toBe(
      'env.observations: 7056 entries are too many: 28 KiB in the private memory of each thread, and about 136 s of compilation on ' +
        'a software adapter. At most 4096 fit. Use fewer, such as 64 x 64 instead of 84 x 84.',
    )
    expect(refusal(20_000, false)).toBe(
      'env.observations: 20000 entries are too many: 79 KiB in the private memory of each thread. At most 16384 fit. Use fewer.',
    )
  })

  test('that fits is not', () => {
    expect(refusal(4096, true)).toBe('no error')
    expect(refusal(7056, false)).toBe('no error')
  })
})
