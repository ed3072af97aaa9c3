/** The result of `createPpo` and `loadPpo`: a run from its caller's side. */
import { version } from '../../package.json'
import { checkpointFile } from '../checkpoint/checkpoint'
import { gpuName } from '../gpu/device'
import { actionScale } from '../model/actions'
import type { Snapshot } from '../plan/kept'
import { loadPolicy, policyFile } from '../policy/policyfile'
import type { Ppo, TrainOptions } from './api'
import { bestOf } from './best'
import { dumpFile } from './dump'
import { checkHooks, Hooked } from './hooks'
import { normalisersIn } from './hyper'
import { LimitError } from './limits'
import { type Beginning, openRun } from './open'
import { originOf } from './origin'
import { checkedDevice, checkGpu, ofOwnDevice } from './owndevice'
import { tellEverySecond } from './preparing'

/** @param seconds Seconds of earlier training. */
export async function openPpo({ seconds = 0, ...beginning }: Beginning & { seconds?: number }): Promise<Ppo> {
  const { env, config, onPreparing: tell = () => undefined } = beginning
  const gpu = checkGpu(beginning.gpu)
  const device = await checkedDevice(beginning.device)
  const lasting = await openRun({ ...beginning, device, gpu }).catch((error) => {
    throw device && error instanceof LimitError ? ofOwnDevice(error) : error
  })
  let trained = seconds

  const checkpoint = (snapshot: Snapshot): Uint8Array => {
    const { gpu, run } = lasting
    const { plan, tuning } = run
    const origin = { library: version, adapter: gpuName(gpu), software: gpu.software, plan, tuning, seconds: trained }
    return checkpointFile({ spec: env, config, origin, snapshot })
  }
  const hooked = new Hooked()
  function train({
    onIteration,
    onEvaluation,
    onCheckpoint,
    metrics,
    ...options
  }: TrainOptions): ReturnType<Ppo['train']> {
    const hooks = { onIteration, onEvaluation, onCheckpoint, metrics }
    checkHooks(hooks)
    return hooked.over(updates(options), hooks)
  }
  async function* updates({ checkpointEvery, ...options }: TrainOptions): ReturnType<Ppo['train']> {
    const before = trained
    const start = performance.now()
    let due: Snapshot | undefined
    const onSnapshot = (snapshot: Snapshot) => {
      due = snapshot
    }
    const keep = checkpointEvery ? { snapshotEvery: checkpointEvery, onSnapshot } : {}
    // If a driver compiles at the first dispatch, the first row waits for it.
    const endTelling = tellEverySecond('compiling', tell)
    try {
      for await (const update of lasting.train({ ...options, ...keep })) {
        endTelling()
        trained = before + (performance.now() - start) / 1000
        const ready = due && due.iterations <= lasting.trainer.iterations ? due : undefined
        if (ready) due = undefined
        yield { ...update, checkpoint: ready ? checkpoint(ready) : null }
      }
      if (lasting.isKept) await lasting.state()
    } finally {
      endTelling()
    }
  }
  const params = async () => new Float32Array((await lasting.state()).buffers.parameters!)
  const normalisers = async () => normalisersIn(lasting.run, (await lasting.state()).buffers.normaliser)
  const file = async (agent = 0): Promise<Uint8Array> => {
    const { paramStride, shape } = lasting.run.layout
    const { buffers } = await lasting.state()
    const own = new Float32Array(buffers.parameters!).slice(agent * paramStride, (agent + 1) * paramStride)
    const stats = normalisersIn(lasting.run, buffers.normaliser)[agent]
    return policyFile(env, shape, own, stats, actionScale(env, config), originOf(lasting.run, buffers, agent))
  }
  return {
    config,
    get gpu() {
      return lasting.gpu
    },
    get plan() {
      return lasting.run.plan
    },
    get planReason() {
      return lasting.run.planReason
    },
    get tuning() {
      return lasting.run.tuning
    },
    dispatchesPerIteration: lasting.trainer.dispatchesPerIteration,
    calls: lasting.trainer.calls,
    get iterations() {
      return lasting.trainer.iterations
    },
    train: (options = {}) => train(options),
    params,
    normalisers,
    policyFile: file,
    best: async (agent = 0) => bestOf(lasting.run, await lasting.state(), agent),
    policy: async (agent) => loadPolicy(await file(agent)),
    save: async () => checkpoint(await lasting.state()),
    dump: (agent, row) => dumpFile(lasting.run, agent, row, gpuName(lasting.gpu), version),
    on: (event, listener) => lasting.on(event, listener),
    dispose: () => lasting.dispose(),
  }
}
