/** What `createPpo` and `loadPpo` give: a run that outlives its device, as its caller sees it. */
import { version } from '../../package.json'
import { checkpointFile } from '../checkpoint/checkpoint'
import type { PpoConfig } from '../config/config'
import { type Gpu, gpuName } from '../gpu/device'
import { actionScale } from '../model/actions'
import { networkShape } from '../model/network'
import type { Snapshot } from '../plan/kept'
import type { Tuning } from '../plan/tuned'
import { loadPolicy, type PolicyData, policyFile } from '../policy/policyfile'
import type { Calls, CreateOptions, Ppo, TrainOptions } from './api'
import { createRun } from './createrun'
import { dumpFile } from './dump'
import { normalisersIn } from './hyper'
import { type OnPreparing, tellEverySecond, telling } from './preparing'
import { LastingRun } from './recovery'
import { Trainer } from './trainer'
import { writeFirstWeights, writeWeights } from './weights'

/** What a run begins with, or goes on from. */
export interface Beginning extends Pick<CreateOptions, 'env' | 'device' | 'gpu'> {
  config: PpoConfig
  snapshot?: Snapshot
  /** Of every agent, instead of random ones. */
  weights?: Pick<PolicyData, 'params' | 'normaliser'>
  /** Found by an earlier run on the same adapter. */
  tuning?: Tuning
  /** Seconds of training before. */
  seconds?: number
  /** Tunes on a software adapter too, for tests. */
  tuneSoftware?: boolean
  onPreparing?: OnPreparing
  signal?: AbortSignal
}

/** A run of a checked configuration, as the caller sees it. */
export async function openPpo({
  env,
  config,
  snapshot,
  weights,
  tuning,
  seconds = 0,
  tuneSoftware,
  onPreparing: tell = () => {},
  signal,
  ...source
}: Beginning): Promise<Ppo> {
  const shape = networkShape(env, config)
  let known = tuning
  let calls: Calls | undefined
  const prepare = async (gpu: Gpu, goesOn: boolean) => {
    const iterationsPerSubmit = 'auto'
    const wanted = { spec: env, shape, config, iterationsPerSubmit, tuning: known, tuneSoftware } as const
    const run = await telling('compiling', tell, createRun(gpu, wanted))
    const trainer = new Trainer(run, calls)
    known = run.tuning
    calls = trainer.calls
    if (weights) writeWeights(run, weights)
    else if (!goesOn) await writeFirstWeights(run, tell, signal)
    return { run, trainer }
  }
  const lasting = await LastingRun.open(source, prepare, snapshot ?? null)
  let trained = seconds

  const checkpoint = (snapshot: Snapshot): Uint8Array => {
    const { gpu, run } = lasting
    const { plan, tuning } = run
    const origin = { library: version, adapter: gpuName(gpu), software: gpu.software, plan, tuning, seconds: trained }
    return checkpointFile({ spec: env, config, origin, snapshot })
  }
  async function* train({ checkpointEvery, ...options }: TrainOptions = {}): ReturnType<Ppo['train']> {
    const before = trained
    const start = performance.now()
    let due: Snapshot | undefined
    const onSnapshot = (snapshot: Snapshot) => {
      due = snapshot
    }
    const keep = checkpointEvery ? { snapshotEvery: checkpointEvery, onSnapshot } : {}
    // Where a driver compiles at the first dispatch, the first row is what waits for it.
    const endTelling = tellEverySecond('compiling', tell)
    try {
      for await (const update of lasting.train({ ...options, ...keep })) {
        endTelling()
        trained = before + (performance.now() - start) / 1000
        const ready = due && due.iterations <= lasting.trainer.iterations ? due : undefined
        if (ready) due = undefined
        yield { ...update, checkpoint: ready ? checkpoint(ready) : null }
      }
    } finally {
      endTelling()
    }
  }
  const params = async () => new Float32Array((await lasting.state()).buffers.parameters!)
  const normalisers = async () => normalisersIn(lasting.run, (await lasting.state()).buffers.normaliser)
  const file = async (agent = 0): Promise<Uint8Array> => {
    const { paramStride } = lasting.run.layout
    const own = (await params()).slice(agent * paramStride, (agent + 1) * paramStride)
    return policyFile(env, shape, own, (await normalisers())[agent], actionScale(env, config))
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
    train: (options) => train(options),
    params,
    normalisers,
    policyFile: file,
    policy: async (agent) => loadPolicy(await file(agent)),
    save: async () => checkpoint(await lasting.state()),
    dump: (agent, row) => dumpFile(lasting.run, agent, row, gpuName(lasting.gpu), version),
    on: (event, listener) => lasting.on(event, listener),
    dispose: () => lasting.dispose(),
  }
}
