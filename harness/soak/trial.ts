/** One run with one fault at one time, compared with the same run without a fault. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../cli/errors'
import { listCheckpoints } from '../rundir/checkpoints'
import { FAULTS } from './faults'
import { type Ended, pause, type Subject, startSubject } from './subject'

/** About five seconds of training on two cores; two agents, and a checkpoint every tenth iteration. */
const RUN = [
  ...['--env', 'CartPole-v1', '--num-agents', '2', '--num-envs', '8', '--num-steps', '32'],
  ...['--set', 'numMinibatches=4', '--set', 'updateEpochs=1', '--set', 'stopWhenSolved=false'],
  ...['--total-timesteps', '40960', '--checkpoint-every', '10i', '--json'],
]

const begin = (folder: string, adapter: string): string[] => ['train', ...RUN, '--adapter', adapter, '--out', folder]

export interface Unbroken {
  weightsHash: string
  metrics: string
  adapter: string
  /** Seconds from the connection to its Chrome to its end, in which a fault can be injected. */
  seconds: number
}

/** @throws Error if the run fails even without a fault. */
export async function runUnbroken(folder: string, adapter: string): Promise<Unbroken> {
  const subject = startSubject(begin(folder, adapter))
  const browser = await subject.connect()
  const start = performance.now()
  await browser?.disconnect()
  const { code, stderr } = await subject.ended
  if (code !== EXIT.done) throw new Error(`the run without faults ended with ${code}: ${stderr}`)
  const result = readResult(folder)
  return { ...result, metrics: readRows(folder), seconds: (performance.now() - start) / 1000 }
}

export interface Trial {
  fault: string
  /** Seconds after the start of Chrome, and the rows so far. */
  at: number
  rows: number
  /** From the fault until there were new rows. */
  seconds: number
  /** Same weights and rows as the run without a fault. */
  recovered: boolean
  /** What was different. */
  why?: string
}

/** The longest time that a run may take to end after its Chrome. */
const ENDING_MS = 10_000

/** Null if the run ended before the fault. */
export async function runTrial(name: string, at: number, folder: string, adapter: string, unbroken: Unbroken) {
  const fault = FAULTS[name]
  let subject = startSubject(begin(folder, adapter))
  const browser = await subject.connect()
  if (!browser) throw new Error(`the run ended before it had a Chrome: ${(await subject.ended).stderr}`)
  await pause(1000 * at)
  const rows = countRows(folder)
  const start = performance.now()
  try {
    await fault.strike(subject, browser)
  } catch (error) {
    // Chrome ends a moment before the process that started it.
    await Promise.race([subject.ended, pause(ENDING_MS)])
    if (subject.isRunning()) throw error
  }
  void browser.disconnect().catch(() => {})
  if (!subject.isRunning()) return null
  let ended: Ended | undefined
  if (fault.ends) {
    ended = await subject.ended
    const resume = existsSync(folder) && listCheckpoints(folder).length > 0
    if (ended.code !== EXIT.done) {
      const again = [...begin(folder, adapter), '--force']
      subject = startSubject(resume ? ['train', '--resume', folder, '--adapter', adapter, '--json'] : again)
    }
  }
  const seconds = (await endOfLongestGap(subject, folder, start)) / 1000
  ended = await subject.ended
  const why = whatDiffers(folder, ended, unbroken)
  return { fault: name, at, rows, seconds, recovered: why === null, ...(why ? { why } : {}) } satisfies Trial
}

/**
 * Milliseconds from `start` to the end of the longest time without rows. Rows that were in flight at the fault still
 * arrive at once, so the first new row is not yet a recovery.
 */
async function endOfLongestGap({ isRunning }: Subject, folder: string, start: number): Promise<number> {
  let size = sizeOfRows(folder)
  let last = start
  let longest = 0
  let end = start
  for (let running = true; running; await pause(10)) {
    running = isRunning()
    const now = performance.now()
    if (running && sizeOfRows(folder) <= size) continue
    if (now - last > longest) [longest, end] = [now - last, now]
    last = now
    size = sizeOfRows(folder)
  }
  return end - start
}

function whatDiffers(folder: string, { code, stderr }: Ended, unbroken: Unbroken): string | null {
  if (code !== EXIT.done) return `exit code ${code}: ${stderr.trim().split('\n').slice(-3).join(' | ')}`
  if (readResult(folder).weightsHash !== unbroken.weightsHash) return 'other weights'
  return readRows(folder) === unbroken.metrics ? null : 'other rows'
}

const readResult = (folder: string): { weightsHash: string; adapter: string } =>
  JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))

const rowFile = (folder: string): string => join(folder, 'metrics.jsonl')
const readRows = (folder: string): string => readFileSync(rowFile(folder), 'utf8')
const sizeOfRows = (folder: string): number => statSync(rowFile(folder), { throwIfNoEntry: false })?.size ?? 0
const countRows = (folder: string): number => (sizeOfRows(folder) > 0 ? readRows(folder).split('\n').length - 1 : 0)
