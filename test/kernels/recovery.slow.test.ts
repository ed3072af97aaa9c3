/** Devices that are lost at every moment: each loss costs another compilation. One of them is in recovery.test.ts. */
import { describe, expect, test } from 'vitest'
import type { LossAt, TrainArgs } from '../../harness/protocol/protocol'
import { type ChromeRuntime, openChrome } from '../../harness/runtime/chrome'
import { resolveConfig } from '../../src/config/config'
import { gpu } from '../support/gpu'
import { trainInPage } from '../support/train'
import { config, env, expectReplaced, expectSame, faultsIn, ITERATIONS, OTHER_DEVICES, whole } from './recovery'

test('a lost device is replaced, with none, from the beginning: same bits, every row once', { timeout: 600_000 }, () =>
  expectReplaced(OTHER_DEVICES, [2]),
)

/** One after the other in one run: each loss costs another preparation, and compiling takes longest. */
const PHASES: LossAt[] = [
  { phase: 'start-up', call: 'createComputePipelineAsync', nth: 3 },
  { phase: 'training', call: 'mapAsync', label: 'staging', nth: 1 },
  { phase: 'saving', call: 'mapAsync', label: 'readback', nth: 1 },
]
/** So that the only snapshot is the one after the last row. */
const NO_SNAPSHOTS = { checkpointEvery: { seconds: 1e6 } }
const READBACK: LossAt[] = [{ phase: 'readback of a snapshot', call: 'mapAsync', label: 'readback', nth: 1 }]
const SNAPSHOT = { checkpointEvery: { iterations: 5 } }

describe('a device that is lost in every phase: same bits, every row once', () => {
  async function expectSurvived(lostBy: TrainArgs['lostBy'], runtime: ChromeRuntime): Promise<void> {
    const run = await trainInPage({ env, config, ...NO_SNAPSHOTS, loseDeviceIn: PHASES, lostBy }, runtime)
    expectSame(run, await whole({}))
    expect(run.phases).toEqual(PHASES.map(({ phase }) => phase))
    // During preparation there was no listener yet for the loss.
    const faults = faultsIn(run)
    expect(faults.map(({ type }) => type)).toEqual(['deviceLost', 'recovered', 'deviceLost', 'recovered'])
    expect(faults.at(-1)).toMatchObject({ detail: { from: 0, iterations: ITERATIONS } })

    const reading = await trainInPage({ env, config, ...SNAPSHOT, loseDeviceIn: READBACK, lostBy }, runtime)
    expectSame(reading, await whole({}))
    expect(reading.phases).toEqual(READBACK.map(({ phase }) => phase))
    const told = faultsIn(reading)
    expect(told.map(({ type }) => type)).toEqual(['deviceLost', 'recovered'])
    expect(told.at(-1)).toMatchObject({ detail: { from: 0 } })
  }

  test('by device.destroy()', { timeout: 600_000 }, async () => expectSurvived('destroy', await gpu()))

  test('by a crash of the GPU process', { timeout: 600_000 }, async () => {
    // Chrome gives up a GPU process that crashes often, and the pages that use it; these tests crash it on purpose.
    const flags = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis']
    const runtime = await openChrome({ flags, onConsole: () => {} })
    try {
      await expectSurvived('outside', runtime)
    } finally {
      await runtime.close()
    }
  })
})

test('a device that is lost in autotune is replaced: same bits', { timeout: 600_000 }, async () => {
  const small = { numEnvs: 4, numSteps: 4, numMinibatches: 1, updateEpochs: 1, hidden: [4], plan: 'fused' as const }
  const args = { env, config: resolveConfig({}, { ...small, totalTimesteps: 32 }), ...OTHER_DEVICES }
  const loseDeviceIn: LossAt[] = [{ phase: 'autotune', call: 'onSubmittedWorkDone', nth: 3 }]
  const run = await trainInPage({ ...args, tuneSoftware: true, loseDeviceIn })
  expectSame(run, await trainInPage(args))
  expect(run.phases).toEqual(['autotune'])
  expect(run.tuning).toMatchObject({ source: 'measured' })
})
