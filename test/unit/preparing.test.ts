import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Preparing, telling, tellOfWork } from '../../src/run/preparing'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value))

test('compiling is told every second from the fifth on, and no more when it is done', async () => {
  const told: Preparing[] = []
  const work = telling('compiling', (preparing) => told.push(preparing), after(8500, 7))
  await vi.advanceTimersByTimeAsync(20_000)
  expect(await work).toBe(7)
  expect(told.map(({ seconds }) => Math.round(seconds))).toEqual([5, 6, 7, 8])
  expect(told[0]).toMatchObject({ stage: 'compiling', done: null, secondsLeft: null })
  expect(vi.getTimerCount()).toBe(0)
})

test('what is quick is not told, and a failure ends it', async () => {
  const told: Preparing[] = []
  const work = telling('compiling', (preparing) => told.push(preparing), after(3000, 0))
  await vi.advanceTimersByTimeAsync(10_000)
  await work
  const failing = telling('compiling', (preparing) => told.push(preparing), Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(told).toEqual([])
})

test('work is told at most every second, with an estimate', () => {
  const told: Preparing[] = []
  const turn = tellOfWork('firstWeights', (preparing) => told.push(preparing), 1000)
  for (let i = 1; i <= 40; i++) {
    vi.advanceTimersByTime(100)
    turn(20 * i)
  }
  expect(told.map(({ seconds }) => Math.round(seconds))).toEqual([1, 2, 3, 4])
  expect(told[1]).toMatchObject({ stage: 'firstWeights', seconds: 2, done: 0.4 })
  expect(told[1].secondsLeft).toBeCloseTo(3, 6)
})

test('an estimate of long work is told at once, and how much is left; of quick work it is not', async () => {
  const told: Preparing[] = []
  const work = telling('compiling', (preparing) => told.push(preparing), after(12_500, 0), 10)
  expect(told).toEqual([{ stage: 'compiling', seconds: 0, done: 0, secondsLeft: 10 }])
  await vi.advanceTimersByTimeAsync(20_000)
  await work
  expect(told[1]).toMatchObject({ done: 0.5, secondsLeft: 5 })
  expect(told.at(-1)).toMatchObject({ done: 0.99, secondsLeft: 0 })
  await Promise.all([telling('compiling', (preparing) => told.push(preparing), after(0, 0), 4), vi.runAllTimersAsync()])
  expect(told.filter(({ seconds }) => seconds === 0)).toHaveLength(1)
})
