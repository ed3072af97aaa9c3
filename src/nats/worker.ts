/** A worker: takes batches from the queue, trains them, and stores what came of them. In Node and in a browser. */
import { jetstream } from '@nats-io/jetstream'
import type { EnvSpec } from '../env/contract'
import { sourceHash } from '../env/source'
import { MOST_MEMBERS } from '../sweep/check'
import type { Machine } from '../sweep/work'
import { shapeOf } from './merge'
import { NOT_FOR_US, openQueue, type Queue, type Taken } from './queue'
import { type NatsWorker, speak } from './speaker'
import { workTogether } from './together'

export type { NatsWorker } from './speaker'

/** Seconds that one request for work waits. */
const WAIT = 5

/**
 * Works until `signal`, or until there has been nothing to do for `leaveWhenIdle` seconds. A server that goes away is
 * waited for: `nc` must reconnect for ever.
 * @returns the number of trials that it gave results of.
 * @throws GpuError if the device is lost for good; errors of the connection that are for good.
 */
export async function workForSweeps(given: NatsWorker): Promise<number> {
  const { nc, machine, say } = given
  const ended = new AbortController()
  let why: unknown
  void nc.closed().then((error) => {
    why = error
    ended.abort()
  })
  const signal = AbortSignal.any([given.signal, ended.signal])
  const worker = { ...given, signal }
  let held: readonly Taken[] = []
  given.hurry?.addEventListener('abort', () => {
    for (const { giveBack } of held) giveBack(0)
  })
  const js = jetstream(nc)
  const speaker = speak(worker)
  try {
    let idleSince = performance.now()
    const isIdle = () => performance.now() - idleSince > (given.leaveWhenIdle ?? Number.POSITIVE_INFINITY) * 1000
    const queue = await openQueue(nc, say, signal, isIdle)
    if (queue === null) return 0
    const findEnv = envFinder(given.envs)
    let next: Taken | null = null
    while (!signal.aborted) {
      const first: Taken | null = next ?? (await queue.take(WAIT))
      next = null
      if (first === null) {
        speaker.rest()
        if (isIdle()) break
        continue
      }
      const spec = whoseEnv(first, machine, findEnv, say)
      if (spec) {
        const taken = await takeMore(first, queue, Math.min(MOST_MEMBERS, machine.fits(spec, first.batch.config)))
        next = taken.next
        held = next ? [...taken.together, next] : taken.together
        const beat = setInterval(
          () => {
            for (const { working } of held) working()
          },
          (queue.ackWait / 3) * 1000,
        )
        try {
          await workTogether(taken.together, spec, { worker, js, speaker })
        } catch (error) {
          next?.giveBack(0)
          throw error
        } finally {
          clearInterval(beat)
          held = next ? [next] : []
        }
        next?.working()
      }
      idleSince = performance.now()
    }
    next?.giveBack(0)
    await nc.flush().catch(() => undefined)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    speaker.end()
  }
  if (!given.signal.aborted && ended.signal.aborted) throw why ?? new Error('The connection to the server was closed.')
  return speaker.given()
}

/** The environment of a batch, if this worker can train it; else the batch goes back. */
function whoseEnv(
  { batch, giveBack }: Taken,
  machine: Machine,
  findEnv: (id: string, hash: string) => EnvSpec | string,
  say: (line: string) => void,
): EnvSpec | null {
  const found = findEnv(batch.env.id, batch.env.hash)
  const why = typeof found === 'string' ? found : null
  const fits = typeof found === 'string' || machine.fits(found, batch.config) > 0
  if (why === null && fits) return found as EnvSpec
  say(`Batch ${batch.id} is left to other workers: ${why ?? 'its network does not fit this adapter'}.`)
  giveBack(NOT_FOR_US)
  return null
}

/** Finds environments by what they compute; else the reason why there is none, for a sentence. */
function envFinder(envs: readonly EnvSpec[]): (id: string, hash: string) => EnvSpec | string {
  const known = new Map<string, string>()
  const hashOf = (spec: EnvSpec, i: number) => {
    const hash = known.get(`${i}`) ?? sourceHash(spec)
    known.set(`${i}`, hash)
    return hash
  }
  return (id, hash) => {
    const named = envs.flatMap((spec, i) => (spec.id === id ? [{ spec, hash: hashOf(spec, i) }] : []))
    const [found] = named.filter((env) => env.hash === hash)
    if (found) return found.spec
    const name = JSON.stringify(id)
    return named.length === 0
      ? `this worker has no environment ${name}`
      : `the environment ${name} of this worker computes something else than that of the sweep (another version)`
  }
}

/**
 * More batches of the same shape, until the adapter is full. Of those that wait it takes a quarter, so that the last
 * ones are shared out; a batch of another shape is worked on next.
 */
async function takeMore(first: Taken, queue: Queue, most: number): Promise<{ together: Taken[]; next: Taken | null }> {
  const together = [first]
  let agents = first.batch.members.length
  for (let wish = Math.floor(first.waiting / 4); wish > 0 && agents < most; wish--) {
    const more = await queue.take(0)
    if (more === null) break
    const fits = agents + more.batch.members.length <= most
    if (!fits || shapeOf(more.batch) !== shapeOf(first.batch)) return { together, next: more }
    together.push(more)
    agents += more.batch.members.length
  }
  return { together, next: null }
}
