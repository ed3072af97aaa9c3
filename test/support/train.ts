/** Training runs in the shared page. */

import type { Page } from 'puppeteer'
import type { TrainArgs, TrainEvent, TrainResult } from '../../harness/protocol/protocol'
import type { ChromeRuntime } from '../../harness/runtime/chrome'
import type { MetricsRow } from '../../src/metrics'
import { gpu } from './gpu'

/** The rows in an event of `train`, [iteration][agent]. */
export function rowsIn(event: unknown): (MetricsRow | null)[][] {
  const told = event as TrainEvent
  return told.type === 'rows' ? told.rows : []
}

export interface Trained extends TrainResult {
  /** [agent][iteration] */
  rows: MetricsRow[][]
  /** All but the rows. */
  events: Exclude<TrainEvent, { type: 'rows' }>[]
  /** Where the device was lost, of `loseDeviceIn`. */
  phases: string[]
}

/** The crash may also prevent the answer. */
async function crashGpuProcess(page: Page): Promise<void> {
  const browser = await page.browser().target().createCDPSession()
  await browser.send('Browser.crashGpuProcess').catch(() => undefined)
}

/**
 * Trains, and collects the events. If a page requests the loss of its device, the GPU process is crashed. Runs without
 * losses share a device, which compiles their kernels once for all files.
 */
export async function trainInPage(args: TrainArgs, runtime?: ChromeRuntime): Promise<Trained> {
  const { call, page } = runtime ?? (await gpu())
  const iterations: (MetricsRow | null)[][] = []
  const events: Trained['events'] = []
  const phases: string[] = []
  const lose = (phase: string) => {
    phases.push(phase)
    if (args.lostBy === 'outside') void crashGpuProcess(page)
  }
  const sharedDevice = !args.loseDeviceAt && !args.loseDeviceIn && !args.anotherDevice
  const result = await call('train', { sharedDevice, ...args }, (event) => {
    const told = event as TrainEvent | { type: 'loseDevice'; phase: string }
    if (told.type === 'loseDevice') lose(told.phase)
    else if (told.type === 'rows') iterations.push(...told.rows)
    else events.push(told)
  })
  const { numAgents } = args.config
  const rows = Array.from({ length: numAgents }, (_, agent) => iterations.flatMap((row) => row[agent] ?? []))
  return { ...result, rows, events, phases }
}

/** The first indices where two arrays differ in a bit, for messages that say more than "not equal". */
export function differences(a: Float32Array, b: Float32Array): string[] {
  if (a.length !== b.length) return [`${a.length} and ${b.length} numbers`]
  const [x, y] = [a, b].map((array) => new Uint32Array(array.buffer, array.byteOffset, array.length))
  const places = [...x.keys()].filter((i) => x[i] !== y[i])
  return places.slice(0, 8).map((i) => `[${i}] ${a[i]} and ${b[i]}, ${places.length} in all of ${a.length}`)
}
