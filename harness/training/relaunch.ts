/**
 * Training that continues after its browser is lost: if the page crashes or hangs, Chrome is killed, or the library
 * finds no device any more, another Chrome is started and continues from the latest checkpoint. (A device that is lost
 * while the page lives is replaced inside it: src/run/lasting.ts.)
 */

import type { PpoConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { COMPILING_MS } from '../../src/gpu/patience'
import type { PolicyData } from '../../src/policy/policyfile'
import type { Every } from '../../src/run/api'
import { EXIT, HarnessError } from '../cli/errors'
import { envArgs } from '../protocol/environment'
import type { TrainEvent, TrainResult } from '../protocol/protocol'
import type { Runtime } from '../runtime/runtime'

export interface Training {
  spec: EnvSpec
  config: PpoConfig
  /** A checkpoint to continue from, or a policy file to begin with. */
  from?: Uint8Array
  /** What is in the policy file. */
  first?: PolicyData
  checkpointEvery?: Every
  /** Ends after this many timesteps per agent instead of the configuration's total. */
  untilTimesteps?: number
  /** On a device that later trainings take over, with its compiled kernels. */
  keptDevice?: boolean
}

export interface Outlived {
  /** The current one. */
  runtime: Runtime
  open(): Promise<Runtime>
  warn(line: string): void
  /** Whether the user has interrupted the training. */
  stopped: boolean
}

/** The most starts in a row without a new row in between. */
const MOST_TRIES = 3

/**
 * Seconds without a heartbeat, before the first rows and after. dawn.node computes in its own process, where a
 * heartbeat may have to wait: for a driver that compiles at the first dispatch, as long as for a compiler.
 */
const SILENCE = { chrome: { first: 10, later: 10 }, node: { first: COMPILING_MS / 1000, later: 60 } }

/**
 * Trains like the task `train`. Rows of iterations after the checkpoint are given again after a relaunch,
 * bit-identical; `seconds` includes the time that was lost.
 * @throws HarnessError 5 if three starts in a row gave no new row, 75 if the user interrupted it while nothing was
 * training.
 */
export async function outlive(
  outlived: Outlived,
  { spec, config, from, first: _, ...more }: Training,
  onEvent: (event: TrainEvent) => void,
): Promise<TrainResult> {
  const start = performance.now()
  let latest = from
  /** The last row of each agent. */
  const reached: number[] = []
  let tries = 0
  let before = 0
  for (;;) {
    const { call, facts } = outlived.runtime
    let seenRows = false
    const pass = (event: TrainEvent) => {
      if (event.type === 'checkpoint') latest = event.bytes
      if (event.type !== 'rows') return onEvent(event)
      seenRows = true
      for (const agents of event.rows) {
        for (const [k, row] of agents.entries()) {
          if (!row || row.iteration <= (reached[k] ?? 0)) continue
          reached[k] = row.iteration
          tries = 0
        }
      }
      onEvent({ ...event, seconds: before + event.seconds })
    }
    try {
      const args = { ...envArgs(spec), config, from: latest, ...more }
      const options = { silence: () => SILENCE[facts.runtime][seenRows ? 'later' : 'first'] }
      const result = await call('train', args, (event) => pass(event as TrainEvent), options)
      return { ...result, seconds: before + result.seconds }
    } catch (error) {
      if (!isLost(error)) throw error
      tries = await relaunch(outlived, error, tries)
      before = (performance.now() - start) / 1000
    }
  }
}

/** There was an adapter when the runtime was opened; if there is none any more, that is a loss too. */
const isLost = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && (error.exitCode === EXIT.deviceLost || error.exitCode === EXIT.noWebGpu)

/** Replaces a lost runtime; returns the number of starts in a row. */
async function relaunch(outlived: Outlived, lost: HarnessError, tries: number): Promise<number> {
  const before = adapterName(outlived.runtime.facts)
  for (let reason = lost; ; ) {
    throwIfStopped(outlived, reason)
    if (++tries > MOST_TRIES) {
      throw new HarnessError(`${reason.message} Gave up after ${MOST_TRIES} starts in a row.`, EXIT.deviceLost)
    }
    outlived.warn(`WARNING: ${reason.message} Starting again, ${tries} of at most ${MOST_TRIES} times in a row.`)
    await outlived.runtime.close()
    try {
      outlived.runtime = await outlived.open()
    } catch (error) {
      if (!isLost(error)) throw error
      reason = error
      continue
    }
    const after = adapterName(outlived.runtime.facts)
    if (after !== before)
      outlived.warn(`WARNING: the adapter was ${before}, now it is ${after}: results will not be bit-identical.`)
    throwIfStopped(outlived, reason)
    return tries
  }
}

function throwIfStopped({ stopped }: Outlived, { message }: HarnessError): void {
  if (stopped) throw new HarnessError(`Interrupted while nothing was training: ${message}`, EXIT.interrupted)
}
