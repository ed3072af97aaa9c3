import { expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { EXIT, HarnessError } from '../../harness/cli/errors'
import type { TrainArgs, TrainEvent, TrainResult } from '../../harness/protocol/protocol'
import type { Runtime, RuntimeFacts } from '../../harness/runtime/runtime'
import type { Training } from '../../harness/training/relaunch'
import { type Outlived, outlive } from '../../harness/training/relaunch'
import { resolveConfig } from '../../src/config/config'

const training: Training = { spec: findEnv('CartPole-v1'), config: resolveConfig({}, {}) }
const lost = (message: string) => new HarnessError(message, EXIT.deviceLost)
const rows = (iteration: number) => ({ type: 'rows', rows: [[{ iteration }]], seconds: 1 }) as unknown as TrainEvent
const checkpoint = (byte: number): TrainEvent => ({ type: 'checkpoint', bytes: new Uint8Array([byte]) })
const result = { seconds: 1, iterations: 8 } as TrainResult

/** The events of one runtime, and how it ends. */
type Life = { events?: TrainEvent[]; end: TrainResult | Error; architecture?: string }

/** Fake runtimes, one after the other; an Error means that the start fails. */
function lives(first: Life, ...others: (Life | Error)[]) {
  const seen = { from: [] as (Uint8Array | undefined)[], closed: 0, opened: 0, warnings: [] as string[] }
  const make = ({ events = [], end, architecture = 'swiftshader' }: Life): Runtime => {
    const facts = { runtime: 'chrome', vendor: 'google', architecture, device: '', description: '', software: true }
    const call = async (_: string, { from }: TrainArgs, onEvent: (event: unknown) => void) => {
      seen.from.push(from)
      for (const event of events) onEvent(event)
      if (end instanceof Error) throw end
      return end
    }
    const close = async () => void seen.closed++
    return { facts: facts as unknown as RuntimeFacts, pid: 0, call: call as unknown as Runtime['call'], close }
  }
  const outlived: Outlived = {
    runtime: make(first),
    async open() {
      const next = others[seen.opened++]
      if (!next) throw new Error('nothing more was to be opened')
      if (next instanceof Error) throw next
      return make(next)
    },
    warn: (line) => void seen.warnings.push(line),
    stopped: false,
  }
  const told: TrainEvent[] = []
  return { seen, told, outlived, train: () => outlive(outlived, training, (event) => told.push(event)) }
}

const failing = (message: string): Life => ({ end: lost(message) })

test('after three starts in a row without a row it gives up: exit 5', async () => {
  const { train, seen } = lives(failing('one.'), failing('two.'), failing('three.'), failing('four.'), { end: result })
  await expect(train()).rejects.toMatchObject({ exitCode: 5, message: 'four. Gave up after 3 starts in a row.' })
  expect(seen).toMatchObject({ opened: 3, closed: 3 })
  expect(seen.warnings).toEqual(
    ['one', 'two', 'three'].map((why, i) => `WARNING: ${why}. Starting again, ${i + 1} of at most 3 times in a row.`),
  )
})

test('a browser that does not start, or has no adapter any more, is a failed start too', async () => {
  const noAdapter = new HarnessError('no adapter.', EXIT.noWebGpu)
  const { train, seen } = lives(failing('crashed.'), noAdapter, noAdapter, noAdapter, { end: result })
  await expect(train()).rejects.toMatchObject({ exitCode: 5, message: 'no adapter. Gave up after 3 starts in a row.' })
  expect(seen.opened).toBe(3)
})

test('each new row earns three more starts, and each start goes on from the latest checkpoint', async () => {
  const life = (iteration: number): Life => ({ ...failing('lost.'), events: [rows(iteration), checkpoint(iteration)] })
  const { train, seen, told } = lives(life(1), failing('lost.'), failing('lost.'), life(2), failing('lost.'), {
    end: result,
  })
  expect(await train()).toMatchObject({ iterations: 8 })
  expect(seen.from.map((bytes) => bytes?.[0])).toEqual([undefined, 1, 1, 1, 2, 2])
  expect(told.filter(({ type }) => type === 'rows')).toHaveLength(2)
  expect(seen.opened).toBe(5)
})

test('rows that come again earn nothing', async () => {
  const again: Life = { ...failing('lost.'), events: [rows(1)] }
  const { train } = lives(again, again, again, again, { end: result })
  await expect(train()).rejects.toMatchObject({ exitCode: 5 })
})

test('another adapter after a start is warned of', async () => {
  const { train, seen } = lives(failing('lost.'), { end: result, architecture: 'llvmpipe' })
  await train()
  expect(seen.warnings.at(-1)).toBe(
    'WARNING: the adapter was google swiftshader (software), now it is google llvmpipe (software): results will not be bit-identical.',
  )
})

test('what is no loss ends it at once, and so does the user: exit 75', async () => {
  const wrong = lives({ end: new HarnessError('config: wrong', EXIT.badUsage) }, { end: result })
  await expect(wrong.train()).rejects.toMatchObject({ exitCode: 2 })
  expect(wrong.seen).toMatchObject({ opened: 0, warnings: [] })
  const stopped = lives(failing('lost.'), { end: result })
  stopped.outlived.stopped = true
  await expect(stopped.train()).rejects.toMatchObject({ exitCode: 75 })
  expect(stopped.seen.opened).toBe(0)
})
