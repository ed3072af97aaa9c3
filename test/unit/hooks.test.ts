/** The hooks of `train`: in order, once each, and nothing lost when one fails. */
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/config'
import type { MetricsRow } from '../../src/metrics'
import { NO_EVALUATION } from '../../src/metrics'
import type { Hooks, TrainUpdate } from '../../src/run/api'
import { checkHooks, HookError, Hooked } from '../../src/run/hooks'

const row = (iteration: number): MetricsRow =>
  ({
    iteration,
    timesteps: 64 * iteration,
    ...NO_EVALUATION,
    ...(iteration % 2 ? {} : { evalEpisodes: 5 }),
  }) as MetricsRow
/** An update of these iterations of two agents; the second one stops after iteration 3. */
const update = (iterations: number[], checkpoint: Uint8Array | null = null): TrainUpdate => ({
  ...row(iterations.at(-1)!),
  ...{ sps: 1, checkpoint, rows: iterations.map((i) => [row(i), i > 3 ? null : row(i)]) },
})
const bytes = Uint8Array.of(7)

/** Loops over the updates; after an error, another loop over those that are left. */
async function heard(hooks: (told: string[]) => Hooks, updates: TrainUpdate[]) {
  const told: string[] = []
  const errors: HookError[] = []
  const given: number[] = []
  const hooked = new Hooked()
  const left = [...updates]
  async function* source() {
    while (left.length > 0) yield left.shift()!
  }
  for (let loops = 0; loops < 9; loops++) {
    try {
      for await (const { rows } of hooked.over(source(), hooks(told)))
        given.push(...rows.map(([first]) => first!.iteration))
      break
    } catch (error) {
      expect(error).toBeInstanceOf(HookError)
      errors.push(error as HookError)
    }
  }
  return { told, errors, given }
}
const all = (told: string[]): Hooks => ({
  onIteration: (rows) => told.push(`iteration ${rows[0]!.iteration}${rows[1] ? '' : ' alone'}`),
  onEvaluation: (rows) => told.push(`evaluation ${rows[0]!.iteration}`),
  onCheckpoint: (file) => told.push(`checkpoint ${file[0]}`),
})
const TOLD = [
  'iteration 1',
  'iteration 2',
  'evaluation 2',
  'iteration 3',
  'iteration 4 alone',
  'evaluation 4',
  'checkpoint 7',
]
const UPDATES = () => [update([1, 2]), update([3, 4], bytes)]

describe('hooks', () => {
  test('hear everything once, in order', async () => {
    expect(await heard(all, UPDATES())).toEqual({ told: TOLD, errors: [], given: [1, 2, 3, 4] })
  })

  test.each([
    ['onIteration', 'iteration 3', 3],
    ['onEvaluation', 'evaluation 2', 2],
    ['onCheckpoint', 'checkpoint 7', 4],
  ] as const)('%s may fail: its name, and the rest the next time', async (name, at, iteration) => {
    const failing = (told: string[]): Hooks => {
      const hooks = all(told)
      const run = hooks[name] as (argument: unknown) => unknown
      return {
        ...hooks,
        [name]: async (argument: unknown) => {
          await run(argument)
          if (told.at(-1) === at) throw new RangeError('no room')
        },
      }
    }
    const { told, errors, given } = await heard(failing, UPDATES())
    expect(told).toEqual(TOLD)
    expect(given).toEqual([1, 2, 3, 4])
    expect(errors.map(({ message }) => message)).toEqual([`${name}: in iteration ${iteration}: no room`])
    expect(errors[0].cause).toBeInstanceOf(RangeError)
  })

  test('own metrics are in each row, and in the update', async () => {
    const rows: unknown[] = []
    const updates = [update([2, 3])]
    const metrics = { half: (own: MetricsRow, agent: number) => own.timesteps / 2 + agent, none: () => null }
    for await (const { own } of new Hooked().over(
      (async function* () {
        yield* updates
      })(),
      {
        metrics,
        onIteration: (list) => rows.push(...list.map((one) => one?.own)),
      },
    )) {
      expect(own).toEqual({ half: 96, none: null })
    }
    expect(rows).toEqual([2, 3].flatMap((i) => [0, 1].map((agent) => ({ half: 32 * i + agent, none: null }))))
  })

  test.each<[unknown, string]>([
    [Number.NaN, 'it gave NaN, which is no finite number'],
    ['7', 'it gave "7", which is no finite number'],
    [undefined, 'it gave undefined, which is no finite number'],
  ])('a metric that gives %j is an error', async (value, message) => {
    const metrics = { mine: () => value as number }
    const { errors } = await heard(() => ({ metrics }), [update([1])])
    expect(errors[0].message).toContain(`metrics.mine: in iteration 1: ${message}`)
  })

  test.each<[object, string]>([
    [{ onIteration: 3 }, 'onIteration: 3 is not a function'],
    [{ metrics: [] }, 'metrics: [] is not an object'],
    [{ metrics: { 'a b': () => 1 } }, 'metrics.a b: the name must begin with'],
    [{ metrics: { '=1': () => 1 } }, 'metrics.=1: the name must begin with'],
    [{ metrics: { mine: 3 } }, 'metrics.mine: 3 is not a function'],
  ])('%j is refused', (hooks, message) => {
    expect(() => checkHooks(hooks as Hooks)).toThrow(ConfigError)
    expect(() => checkHooks(hooks as Hooks)).toThrow(message)
  })
})
