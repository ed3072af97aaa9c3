/** The Worker: it owns the device, trains and draws. Its messages are defined in protocol.ts. */
import { adapterName } from '../../gpu/adapter'
import { type Gpu, GpuError } from '../../gpu/device'
import { SharedGpu } from '../../gpu/shared'
import type { PpoEvents } from '../../run/api'
import type { AdapterFacts, Recording, ToWorker } from '../protocol'
import { answer as post } from './answer'
import { Recorder } from './recorder'
import { Scenes } from './scenes'
import { specOf } from './spec'
import { Stage } from './stage'
import { Training } from './training'
import { View } from './view'

/** How often the page gets the status of training and of the focused environment. */
const NEWS_MS = 125
const SOFTWARE_NEWS_MS = 250

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** One device for all runs of the page, and for the pictures. */
const shared = new SharedGpu()
let stage: Stage | undefined
let scenes: Scenes | undefined
let training: Training | undefined
let view: View | undefined
let run = 0

const failed = (where: 'device' | 'run', error: unknown) => post({ type: 'failed', where, message: text(error) })
/** Reports an error that ends a run: without a device nothing continues. */
const runFailed = (error: unknown) => failed(error instanceof GpuError ? 'device' : 'run', error)

/** Messages are handled one after the other: a start waits for the end of the previous run. */
let queue: Promise<void> = Promise.resolve()
const enqueue = (act: () => unknown): void => {
  queue = queue.then(act).then(
    () => undefined,
    (error) => failed('run', error),
  )
}
export const receive = ({ data }: MessageEvent<ToWorker>): void => enqueue(() => handle(data))

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'open':
      return open(message)
    case 'start':
      return start(message).catch(runFailed)
    case 'play':
      return training?.play()
    case 'pause':
      return training?.pause()
    case 'step':
      return training?.play(1)
    case 'pace':
      return training?.setPace(message.iterationsPerSecond)
    case 'live': {
      view?.setParams(message.config)
      const timesteps = await training?.setLive(message.config)
      if (timesteps !== undefined) post({ type: 'changed', run, timesteps, change: message.change })
      return
    }
    case 'view':
      if (stage) stage.choice = message.view
      return view?.prepare(message.view)
    case 'surface':
      if (stage) stage.surface = message.surface
      return
    case 'visible':
      return setVisible(message.visible)
    case 'poke':
      return stage && view?.poke(stage.choice, message.field, message.value)
    case 'act':
      if (stage) stage.person.hold(message.action, message.pressed)
      return
    case 'record':
      return record(message.id)
    case 'stopRecording':
      return stage?.recorder?.stop()
    case 'policy': {
      if (!training) return
      const bytes = await training.policy(0)
      return post({ type: 'policy', id: message.id, bytes })
    }
    case 'snapshot': {
      const snapshot = training ? await training.snapshot() : null
      // Copied, not transferred: after a loss the run itself continues from it.
      return post({ type: 'snapshot', id: message.id, snapshot })
    }
  }
}

/** The answer comes when the recording ends; until then other messages are handled. */
async function record(id: number): Promise<void> {
  const tell = (recording: Recording) => {
    if (stage) stage.recorder = undefined
    post({ type: 'recorded', id, recording })
  }
  if (!stage || !view?.canDraw) return tell({ failed: 'Nothing is drawn yet that could be recorded.' })
  try {
    stage.recorder = await Recorder.begin(view, stage.surface, stage.format, tell)
  } catch (error) {
    tell({ failed: text(error) })
  }
}

function setVisible(visible: boolean): void {
  if (stage) stage.visible = visible
  if (training) training.visible = visible
}

/** Whether it is hardware or software is shown separately from the name. */
const factsOf = ({ info, software }: Gpu): AdapterFacts => ({
  name: adapterName({ ...info, software: false }),
  software,
})

async function open({ canvas, surface, view, draw, visible }: Extract<ToWorker, { type: 'open' }>): Promise<void> {
  let gpu: Gpu
  try {
    gpu = await shared.get()
  } catch (error) {
    return failed('device', error)
  }
  post({ type: 'opened', adapter: factsOf(gpu) })
  const copy = draw === 'auto' ? gpu.software : draw === 'copy'
  stage = new Stage({ canvas, surface, choice: view, copy }, gpu)
  scenes = new Scenes(stage.format)
  setVisible(visible)
  const period = gpu.software ? SOFTWARE_NEWS_MS : NEWS_MS
  setInterval(tellProgress, period)
  setInterval(() => void tellDetails(), period)
}

async function start(message: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  if (!stage) return
  await hide()
  await training?.close()
  const spec = specOf(message.choice)
  if (training?.spec !== spec) stage.clear()
  training = undefined
  run = message.run
  // Compiled beside the kernels of training, so that the first picture stands before the first iteration.
  void scenes!.of(await shared.get(), spec).catch(() => undefined)
  const next = await Training.open(shared, message.choice, message, runFailed)
  training = next
  next.visible = stage.visible
  next.on('deviceLost', ({ message }) => lost(next, message))
  next.on('recovered', (how) => enqueue(() => recovered(next, how)))
  const { plan, planReason } = next.run
  post({ type: 'started', run, plan, planReason, dispatches: next.dispatchesPerIteration })
  await show(next)
  if (message.play) await next.play()
  view?.furnish(stage.choice)
}

/** Draws a run on its current device; resolves when its first picture stands. */
async function show(of: Training): Promise<void> {
  const { gpu, spec } = of
  stage!.use(gpu)
  const failed = (error: unknown) => notShown(gpu, error)
  const scene = await scenes!.of(gpu, spec).catch((error) => void failed(error))
  of.resetEnvs()
  view = new View(of, scene ?? undefined, (error) => void failed(error))
  stage!.view = view
  await stage!.draw()
}

/** Stops drawing a run. */
async function hide(): Promise<void> {
  const old = view
  view = stage!.view = undefined
  await old?.close()
}

/** What a loss broke is created again on the next device, and not reported in addition to the loss. */
async function notShown(gpu: Gpu, error: unknown): Promise<void> {
  const why = await gpu.explain(error).catch((reason) => reason)
  if (!(why instanceof GpuError)) failed('run', why)
}

function lost(of: Training, message: string): void {
  if (of !== training) return
  post({ type: 'lost', message })
  void hide()
  enqueue(() => of.restore())
}

async function recovered(of: Training, how: PpoEvents['recovered']): Promise<void> {
  if (of !== training) return
  void hide()
  post({ type: 'recovered', adapter: factsOf(of.gpu), ...how })
  await show(of)
  view?.furnish(stage!.choice)
}

let wasPlaying = false
let ticks = 0

function tellProgress(): void {
  if (!training || !stage) return
  const { iterations, scores } = training.takeNews()
  const standing = training.standing(stage.shown)
  const changed = standing.playing !== wasPlaying || iterations.length > 0
  wasPlaying = standing.playing
  if (!changed && ticks++ % 4 !== 0) return
  post({ type: 'progress', run, iterations, standing, scores: scores.length > 1 ? scores : null })
}

async function tellDetails(): Promise<void> {
  const current = view
  if (!current || !stage?.visible) return
  const { gpu } = current.training
  try {
    const { choice } = stage
    const all = [current.focus(choice), current.ratios(), current.maps(choice)] as const
    const [facts, histogram, maps] = await Promise.all(all)
    if (current !== view) return
    if (facts) post({ type: 'focus', facts })
    if (histogram) post({ type: 'histogram', histogram }, [histogram.counts.buffer])
    if (maps) post({ type: 'maps', run, maps })
  } catch (error) {
    if (current === view) await notShown(gpu, error)
  }
}
