/** The Worker of `createPpoWorker`: it owns the device and the run, and does what protocol.ts names. */
import { findEnv } from '../../envs/registry'
import type { EnvSpec } from '../env/contract'
import { gpuName } from '../gpu/device'
import type { CreateOptions, Ppo } from '../run/api'
import { createPpo } from '../run/create'
import { loadPpo } from '../run/load'
import {
  type CallMessage,
  type Calls,
  type Creation,
  type Facts,
  type FromWorker,
  packError,
  type ToWorker,
} from './protocol'

/** The Worker's own side of the line; TypeScript's library for it clashes with the page's. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker, transfer: Transferable[]): void
  onmessage: (event: MessageEvent<ToWorker>) => void
}
const post = (message: FromWorker, transfer: Transferable[] = []) => scope.postMessage(message, transfer)

let ppo: Ppo | undefined
let loop: AbortController | undefined

const factsOf = ({ config, iterations, plan, planReason, dispatchesPerIteration, gpu }: Ppo): Facts => ({
  ...{ config, iterations, plan, planReason, dispatchesPerIteration },
  adapter: { name: gpuName(gpu), software: gpu.software },
})

async function create({ env, from, ...given }: Creation): Promise<Facts> {
  const spec = typeof env === 'string' ? findEnv(env) : (env as EnvSpec | undefined)
  const options = {
    ...given,
    onPreparing: (detail) => post({ event: 'preparing', detail }),
  } satisfies Partial<CreateOptions>
  ppo = from
    ? await loadPpo(from, { ...options, ...(spec ? { env: spec } : {}) })
    : await createPpo({ ...options, env: spec! })
  ppo.on('deviceLost', (detail) => post({ event: 'deviceLost', detail }))
  ppo.on('recovered', (detail) => post({ event: 'recovered', detail }))
  return factsOf(ppo)
}

async function train(options: Parameters<Calls['train']>[0]): Promise<null> {
  loop = new AbortController()
  for await (const detail of ppo!.train({ ...options, signal: loop.signal })) {
    post({ event: 'update', detail }, detail.checkpoint ? [detail.checkpoint.buffer] : [])
  }
  return null
}

const ANSWERS: { [C in keyof Calls]: (...args: Parameters<Calls[C]>) => unknown } = {
  create,
  train,
  // A copy: the run itself goes on from what it has.
  params: async () => (await ppo!.params()).slice(),
  normalisers: () => ppo!.normalisers(),
  policyFile: (agent) => ppo!.policyFile(agent),
  best: (agent) => ppo!.best(agent),
  save: () => ppo!.save(),
  dump: (agent, row) => ppo!.dump(agent, row),
  dispose() {
    ppo?.dispose()
    return null
  },
}

async function answer({ call, id, args }: CallMessage): Promise<void> {
  try {
    const result = await (ANSWERS[call] as (...args: unknown[]) => unknown)(...args)
    post({ id, result }, ArrayBuffer.isView(result) ? [result.buffer] : [])
  } catch (error) {
    post({ id, error: packError(error) })
  }
}

scope.onmessage = ({ data }) => {
  if ('call' in data) void answer(data)
  else loop?.abort()
}
