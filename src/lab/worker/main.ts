/** The Worker: it owns the device, trains and draws. What it is told and tells is in protocol.ts. */
import { adapterName } from '../../gpu/adapter'
import { type Gpu, requestGpu } from '../../gpu/device'
import type { FromWorker, ToWorker } from '../protocol'
import { Session } from './session'
import { Stage } from './stage'

/** How often the page hears how training stands, and of the focused environment. */
const NEWS_MS = 125
const SOFTWARE_NEWS_MS = 250

/** The Worker's own side of the line; TypeScript's library for it clashes with the page's. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker, transfer: Transferable[]): void
  onmessage: (event: MessageEvent<ToWorker>) => void
}
const post = (message: FromWorker, transfer: Transferable[] = []) => scope.postMessage(message, transfer)
const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))

let gpu: Gpu | undefined
let stage: Stage | undefined
let session: Session | undefined
let run = 0

const failed = (where: 'device' | 'run', error: unknown) => post({ type: 'failed', where, message: text(error) })

/** Messages are dealt with one after the other: a start waits for the end of the run before it. */
let queue: Promise<void> = Promise.resolve()
scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  queue = queue.then(() => handle(data)).catch((error) => failed('run', error))
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'open':
      return open(message)
    case 'start':
      return start(message)
    case 'play':
      return session?.play()
    case 'pause':
      return session?.pause()
    case 'step':
      return session?.play(1)
    case 'pace':
      return session?.setPace(message.iterationsPerSecond)
    case 'live':
      return session?.setLive(message.config)
    case 'view':
      if (stage) stage.view = message.view
      return session?.prepare(message.view)
    case 'surface':
      if (stage) stage.surface = message.surface
      return
    case 'visible':
      return setVisible(message.visible)
    case 'poke':
      return stage && session?.poke(stage.view, message.field, message.value)
    case 'policy': {
      if (!session) return
      const bytes = await session.policy(0)
      return post({ type: 'policy', id: message.id, bytes })
    }
    case 'snapshot': {
      const snapshot = session ? await session.snapshot() : null
      const buffers = Object.values(snapshot?.buffers ?? {})
      return post({ type: 'snapshot', id: message.id, snapshot }, buffers)
    }
    case 'picture': {
      if (!stage) return
      const { id, width, height } = message
      const pixels = await stage.picture(width, height)
      return post({ type: 'picture', id, width, height, pixels }, [pixels.buffer])
    }
  }
}

function setVisible(visible: boolean): void {
  if (stage) stage.visible = visible
  if (session) session.visible = visible
}

async function open({ canvas, surface, view, draw, visible }: Extract<ToWorker, { type: 'open' }>): Promise<void> {
  try {
    gpu = await requestGpu()
  } catch (error) {
    return failed('device', error)
  }
  const { device, info, software } = gpu
  device.lost.then(({ reason, message }) => failed('device', `The GPU device was lost (${reason}): ${message}`))
  const name = adapterName({ ...info, software: false }) // what it is stands beside it
  post({ type: 'opened', adapter: { name, software } })
  const copy = draw === 'auto' ? software : draw === 'copy'
  stage = new Stage({ device, canvas, surface, view, slow: software, copy })
  setVisible(visible)
  const period = software ? SOFTWARE_NEWS_MS : NEWS_MS
  setInterval(tellProgress, period)
  setInterval(() => void tellDetails(), period)
}

async function start(message: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  if (!gpu || !stage) return
  await session?.close()
  session = stage.session = undefined
  stage.clear()
  run = message.run
  const next = await Session.open(gpu, message.choice, (error) => failed('run', error), message)
  session = stage.session = next
  session.visible = stage.visible
  const { plan, planReason } = next.run
  const dispatches = next.trainer.dispatchesPerIteration
  post({ type: 'started', run, plan, planReason, dispatches })
  if (message.play) await next.play()
  next.furnish(stage.format, stage.view)
}

let wasPlaying = false
let ticks = 0

function tellProgress(): void {
  if (!session || !stage) return
  const { iterations, scores } = session.takeNews()
  const standing = session.standing(stage.fps)
  const changed = standing.playing !== wasPlaying || iterations.length > 0
  wasPlaying = standing.playing
  if (!changed && ticks++ % 4 !== 0) return
  post({ type: 'progress', run, iterations, standing, scores: scores.length > 1 ? scores : null })
}

async function tellDetails(): Promise<void> {
  if (!session || !stage?.visible) return
  const current = session
  try {
    const [facts, histogram] = await Promise.all([current.focus(stage.view), current.ratios()])
    if (current !== session) return
    if (facts) post({ type: 'focus', facts })
    if (histogram) post({ type: 'histogram', histogram }, [histogram.counts.buffer])
  } catch (error) {
    if (current === session) failed('run', error)
  }
}
