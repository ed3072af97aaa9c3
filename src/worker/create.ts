/** `createPpoWorker`: training in a Worker by one call. */

import { checkKeys } from '../env/keys'
import { ConfigError } from '../options/errors'
import { loadPolicy } from '../policy/policyfile'
import type { PpoEvents, TrainOptions } from '../run/api'
import { checkHooks, Hooked } from '../run/hooks'
import type { PpoWorker, PpoWorkerOptions } from './api'
import { Line } from './line'
import type { Creation, CrossingOptions, Facts } from './protocol'
import { startWorker } from './start'
import { Updates } from './updates'

/**
 * Prepares a run in a Worker of its own, so that the page stays free, and a hidden tab trains at full speed. It takes the
 * options of `createPpo`, and gives its methods. The same seed gives the same bits as in the page.
 *
 * Vite and webpack find the Worker's script by themselves (in Vite's dev server with `optimizeDeps: { exclude:
 * ['ppo-webgpu'] }`), and so does a page that imports `dist/index.js` as it is. With another bundler, give `worker`.
 * @throws ConfigError for a wrong option or environment, GpuError without usable WebGPU in Workers; every error of the
 * Worker has the name and the message that it had there. After an error there is no Worker left.
 */
export async function createPpoWorker(options: PpoWorkerOptions): Promise<PpoWorker> {
  const { env, signal, onPreparing, worker, ...others } = options
  signal?.throwIfAborted()
  if (env === undefined && !options.from) {
    throw new ConfigError(
      "env: missing. Give the id of an environment, such as 'CartPole-v1', or a description of one.",
    )
  }
  const creation: Creation = { ...others, env: withoutTwin(env) }
  const updates = new Updates()
  const listeners: { [E in keyof PpoEvents]: Set<(detail: PpoEvents[E]) => void> } = {
    deviceLost: new Set(),
    recovered: new Set(),
  }
  let facts: Facts | undefined
  const line = new Line(worker ?? startWorker('ppo-webgpu'), (heard) => {
    if (heard.event === 'preparing') return onPreparing?.(heard.detail)
    if (heard.event === 'update') {
      facts = { ...facts!, iterations: facts!.iterations + heard.detail.rows.length }
      return updates.push(heard.detail)
    }
    const of: Set<(detail: never) => void> = listeners[heard.event]
    for (const listener of of) listener(heard.detail as never)
  })
  const abort = () => line.end(signal!.reason)
  signal?.addEventListener('abort', abort)
  try {
    facts = await line.call('create', creation)
  } catch (error) {
    line.end(error as Error)
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }

  const stop = () => line.stop()
  let ended: Promise<unknown> | undefined
  const hooked = new Hooked()
  function train(given: TrainOptions = {}): ReturnType<PpoWorker['train']> {
    const { onIteration, onEvaluation, onCheckpoint, metrics, ...options } = given
    const hooks = { onIteration, onEvaluation, onCheckpoint, metrics }
    checkHooks(hooks)
    return hooked.over(loopOver(options), hooks)
  }
  async function* loopOver({
    signal,
    ...options
  }: CrossingOptions & { signal?: AbortSignal }): ReturnType<PpoWorker['train']> {
    if (ended) throw new Error('train: a loop over it is under way. End that one first, with stop() or a break.')
    if (signal?.aborted) return
    const loop = (ended = line.call('train', options))
    signal?.addEventListener('abort', stop)
    try {
      yield* updates.until(loop)
    } finally {
      signal?.removeEventListener('abort', stop)
      stop()
      await loop.catch(() => undefined)
      ended = undefined
    }
  }
  const policyFile = (agent = 0) => line.call('policyFile', agent)
  const { config, plan, planReason, dispatchesPerIteration, adapter } = facts
  return {
    ...{ config, plan, planReason, dispatchesPerIteration, adapter },
    get iterations() {
      return facts!.iterations
    },
    train,
    stop,
    params: () => line.call('params'),
    normalisers: () => line.call('normalisers'),
    policyFile,
    policy: async (agent) => loadPolicy(await policyFile(agent)),
    best: (agent = 0) => line.call('best', agent),
    save: () => line.call('save'),
    dump: (agent, row) => line.call('dump', agent, row),
    on(event, listener) {
      listeners[event].add(listener)
      return () => listeners[event].delete(listener)
    },
    async dispose() {
      await line.call('dispose').catch(() => undefined)
      line.end(new Error('The run in the Worker was disposed of.'))
    },
  }
}

/** Functions do not cross. Without its twin, a description is data. */
function withoutTwin(env: PpoWorkerOptions['env']): Creation['env'] {
  if (typeof env !== 'object' || env === null) return env
  checkKeys(env)
  const { twin: _, ...data } = env
  try {
    return structuredClone(data)
  } catch (error) {
    throw new ConfigError(
      `env: cannot be sent to a Worker (${(error as Error).message}). Only its twin may hold functions.`,
    )
  }
}
