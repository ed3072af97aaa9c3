/** Whole training runs. */
import { findEnv } from '../../../envs/registry'
import { watchDevice } from '../../../src/gpu/device'
import { patiently } from '../../../src/gpu/patience'
import { SharedGpu } from '../../../src/gpu/shared'
import type { DeviceSource } from '../../../src/gpu/source'
import type { Ppo, TrainUpdate } from '../../../src/run/api'
import { createPpo } from '../../../src/run/create'
import { loadPpo } from '../../../src/run/load'
import { openPpo } from '../../../src/run/openppo'
import type { OnPreparing } from '../../../src/run/preparing'
import { openPopulation } from '../../../src/sweep/open'
import type { Emit, TrainArgs, TrainEvent, TrainResult } from '../../protocol/protocol'
import { sharedGpu } from './device'
import { loseDevice } from './losses'

let running: AbortController | undefined

/** Agents that diverge together usually have the same fault: at most this many dumps at once. */
const MOST_DUMPS = 4

/** Trains and reports rows as they are read back. */
export async function train(args: TrainArgs, emit: Emit): Promise<TrainResult> {
  const losing = args.loseDeviceIn && loseDevice(args.loseDeviceIn, args.lostBy ?? 'destroy', emit)
  try {
    const result = await trainOnce(args, emit)
    losing?.check()
    return result
  } finally {
    losing?.end()
  }
}

async function trainOnce(args: TrainArgs, emit: Emit): Promise<TrainResult> {
  const { untilTimesteps, checkpointEvery } = args
  const abort = new AbortController()
  running = abort
  const tell = (event: TrainEvent) => emit(event)
  const own = args.ordinaryLimits || (args.withoutSubgroups && !args.anotherDevice && !args.sharedDevice)
  const given = own ? await ownDevice(args) : undefined
  const device = given ?? deviceSource(args)
  const onPreparing: OnPreparing = (detail) => tell({ type: 'preparing', detail })
  const ppo = await open(args, device, onPreparing, abort.signal)
  ppo.on('deviceLost', (detail) => tell({ type: 'deviceLost', detail }))
  ppo.on('recovered', (detail) => tell({ type: 'recovered', detail }))
  const losses = [...(args.loseDeviceAt ?? [])]
  const exits = [...(args.leaveLoopAt ?? [])]
  const crossings = countCrossings()
  try {
    const start = performance.now()
    const seconds = (): number => (performance.now() - start) / 1000
    const options = { signal: abort.signal, totalTimesteps: untilTimesteps, checkpointEvery }
    /** Whether the loop was left before its end. */
    const loop = async (): Promise<boolean> => {
      for await (const { rows, checkpoint } of ppo.train(options)) {
        tell({ type: 'rows', rows, seconds: seconds() })
        for (const dump of await dumpsOf(ppo, rows)) tell(dump)
        if (checkpoint) tell({ type: 'checkpoint', bytes: checkpoint })
        if (isTime(ppo, losses)) ppo.gpu.device.destroy()
        if (isTime(ppo, exits)) return true
      }
      return false
    }
    while (await loop());
    const { mapAsyncs, writeBuffers } = crossings.end()
    const { submits, iterations, hostMs } = ppo.calls
    return {
      params: await ppo.params(),
      normalisers: await ppo.normalisers(),
      checkpoint: await ppo.save(),
      best: await bestsOf(ppo),
      iterations: ppo.iterations,
      seconds: seconds(),
      plan: ppo.plan,
      tuning: ppo.tuning,
      dispatchesPerIteration: ppo.dispatchesPerIteration,
      calls: { submits, mapAsyncs, writeBuffers },
      hostMsPerIteration: hostMs / Math.max(iterations, 1),
    }
  } finally {
    crossings.end()
    running = undefined
    ppo.dispose()
    given?.destroy()
  }
}

async function open(
  args: TrainArgs,
  device: DeviceSource | undefined,
  onPreparing: OnPreparing,
  signal: AbortSignal,
): Promise<Ppo> {
  const { config, from, tuneSoftware } = args
  const env = args.spec ?? findEnv(args.env)
  if (args.keptDevice) return openPopulation({ spec: env, config, from }, kept, { onPreparing, signal })
  if (from) return loadPpo(from, { ...config, env, device, onPreparing })
  if (tuneSoftware) return openPpo({ env, config, device, tuneSoftware, onPreparing, signal })
  return createPpo({ env, ...config, device, onPreparing, signal })
}

async function bestsOf(ppo: Ppo): Promise<TrainResult['best']> {
  const { evalEvery, numAgents } = ppo.config
  const best: TrainResult['best'] = []
  for (let agent = 0; evalEvery > 0 && agent < numAgents; agent++) best.push(await ppo.best(agent))
  return best
}

/** Whether the rows of the first of `iterations` have been read back; it is then removed. */
function isTime(ppo: Ppo, iterations: number[]): boolean {
  if (!(ppo.iterations >= iterations[0])) return false
  iterations.shift()
  return true
}

/** Dumps of the first agents in `rows` that stopped at a non-finite value. */
async function dumpsOf(ppo: Ppo, rows: TrainUpdate['rows']): Promise<TrainEvent[]> {
  const bad = rows.flatMap((agents) => agents.flatMap((row, agent) => (row?.notFinite ? [{ agent, row }] : [])))
  const dumps: TrainEvent[] = []
  for (const { agent, row } of bad.slice(0, MOST_DUMPS)) {
    dumps.push({ type: 'dump', agent, iteration: row.iteration, bytes: await ppo.dump(agent, row) })
  }
  return dumps
}

const withoutSubgroups = (): Promise<GPUDevice> => ownDevice({ withoutSubgroups: true })
const kept = new SharedGpu()
const plainShared = new SharedGpu(async () => watchDevice(await withoutSubgroups()))

/** Where the devices come from; without test options the run requests its own. */
function deviceSource({ withoutSubgroups: plain, sharedDevice }: TrainArgs): DeviceSource | undefined {
  if (sharedDevice) return async () => (await (plain ? plainShared.get() : sharedGpu())).device
  return plain ? withoutSubgroups : undefined
}

type OwnDevice = Pick<TrainArgs, 'withoutSubgroups' | 'ordinaryLimits'>

async function ownDevice({ withoutSubgroups, ordinaryLimits }: OwnDevice): Promise<GPUDevice> {
  const adapter = await patiently(navigator.gpu, 'adapter', navigator.gpu.requestAdapter())
  if (!adapter) throw new Error('no adapter')
  const { maxComputeWorkgroupStorageSize, maxStorageBuffersPerShaderStage } = adapter.limits
  const requiredLimits = ordinaryLimits ? {} : { maxComputeWorkgroupStorageSize, maxStorageBuffersPerShaderStage }
  const requiredFeatures: GPUFeatureName[] = withoutSubgroups ? [] : ['subgroups']
  return patiently(navigator.gpu, 'device', adapter.requestDevice({ requiredLimits, requiredFeatures }))
}

/** Counts transfers between host and GPU until `end`, by wrapping the browser's own functions. */
function countCrossings(): { end(): { mapAsyncs: number; writeBuffers: number } } {
  const { mapAsync } = GPUBuffer.prototype
  const { writeBuffer } = GPUQueue.prototype
  const count = { mapAsyncs: 0, writeBuffers: 0 }
  GPUBuffer.prototype.mapAsync = function (...args) {
    count.mapAsyncs++
    return mapAsync.apply(this, args)
  }
  GPUQueue.prototype.writeBuffer = function (...args: Parameters<GPUQueue['writeBuffer']>) {
    count.writeBuffers++
    return writeBuffer.apply(this, args)
  }
  return {
    end() {
      GPUBuffer.prototype.mapAsync = mapAsync
      GPUQueue.prototype.writeBuffer = writeBuffer
      return count
    },
  }
}

/** Ends the running training after the submitted iterations; false if none is running. */
export async function stop(): Promise<boolean> {
  running?.abort()
  return running !== undefined
}
