/** Dumps of agents that stopped at a non-finite value: repeats the step that gave it, on the GPU and the reference. */

import type { NotFinite } from '../../src/metrics'
import { ofUpdate } from '../../src/run/dump'
import type { Runtime } from '../runtime/runtime'
import type { Check, Side } from './check'
import { envOnGpu, envOnReference } from './dumpenv'
import type { Dump, Replayed } from './dumpfile'
import { forwardOnGpu, forwardOnReference, gaeOnGpu, gaeOnReference } from './dumprollout'
import { adamOnGpu, adamOnReference, gradientOnGpu, gradientOnReference } from './dumpupdate'
import { unpacked } from './dumpwords'

type Replay = [reference: (dump: Dump) => Replayed, gpu: (dump: Dump, runtime: Runtime) => Promise<Replayed>]
const ENVIRONMENT: Replay = [envOnReference, envOnGpu]
const POLICY: Replay = [forwardOnReference, forwardOnGpu]
const REPLAYS: Record<NotFinite['buffer'], Replay> = {
  obs: ENVIRONMENT,
  states: ENVIRONMENT,
  rewards: ENVIRONMENT,
  finalObs: ENVIRONMENT,
  logits: POLICY,
  actions: POLICY,
  logprobs: POLICY,
  values: POLICY,
  advantages: [gaeOnReference, gaeOnGpu],
  gradients: [gradientOnReference, gradientOnGpu],
  parameters: [adamOnReference, adamOnGpu],
  masks: ENVIRONMENT,
}

const replayOf = ({ facts }: Dump): Replay => REPLAYS[facts.notFinite.buffer]
/** The environment gets its observations as they are stored; the others get them as floats. */
const inputOf = (dump: Dump): Dump => (replayOf(dump) === ENVIRONMENT ? dump : unpacked(dump))

export const replayDumpReference = (dump: Dump): Check[] => [
  toCheck(dump, 'reference', replayOf(dump)[0](inputOf(dump))),
]

export const replayDumpGpu = async (dump: Dump, runtime: Runtime): Promise<Check[]> => [
  toCheck(dump, 'gpu', await replayOf(dump)[1](inputOf(dump), runtime)),
]

/**
 * Reports whether the non-finite value is reproduced, on which it passes. The reference computes in float64, where
 * fewer numbers overflow: it reports its result, and never fails.
 */
function toCheck({ facts }: Dump, side: Side, { part, results }: Replayed): Check {
  const { buffer, step, env } = facts.notFinite
  const bad = Object.entries(results).flatMap(([name, numbers]) => {
    const found = Array.from(numbers).filter((x) => !Number.isFinite(side === 'gpu' ? x : Math.fround(x)))
    return found.length > 0 ? [`${found.length === 1 ? String(found[0]) : `${found.length} numbers`} in ${name}`] : []
  })
  const where = ofUpdate(facts.notFinite) ? `update ${step}` : `step ${step}, env ${env}`
  const said =
    bad.length > 0 ? `reproduced: ${part} gives ${bad.join(', ')}` : `not reproduced: ${part} gives finite numbers`
  const none = { maxAbsError: null, maxRelError: null, limit: 0, measure: 'abs' as const }
  return {
    name: `${buffer} of ${where}`,
    side,
    ...none,
    ok: side === 'reference' || bad.length > 0,
    worst: `; ${said}`,
  }
}
