/** When and where pictures are drawn: on the page's canvas while it is visible, never more often than the adapter bears. */
import { patiently } from '../../gpu/patience'
import { DEFAULT_PICTURE } from '../grid'
import type { Surface, ViewChoice } from '../protocol'
import type { Session } from './session'
import { Snapshots } from './snapshot'

/** A software adapter trains on the same cores that draw. */
const SOFTWARE_FRAME_MS = 200
/** Steps of the watched environments for one picture at most: after a pause of the page they do not catch up. */
const MOST_STEPS = 12

export interface StageOptions {
  device: GPUDevice
  canvas: OffscreenCanvas
  surface: Surface
  view: ViewChoice
  /** At most 5 pictures per second. */
  slow: boolean
  /**
   * Show pictures through a copy in the page's memory instead of on a canvas of the device: Chrome loses a device of its
   * software adapter when that device draws on a canvas, unless the rest of Chrome runs on the same Vulkan.
   */
  copy: boolean
}

export class Stage {
  view: ViewChoice
  surface: Surface
  visible = true
  session: Session | undefined
  /** Textures that are drawn to have this format. */
  readonly format: 'rgba8unorm' | 'bgra8unorm'
  private readonly snapshots: Snapshots
  private readonly show: (session: Session) => Promise<unknown>
  /** Takes the picture of another environment off the canvas. */
  readonly clear: () => void
  private inFlight = 0
  private last = performance.now()
  private owed = 0
  private frames: number[] = []

  constructor(private readonly options: StageOptions) {
    const { device } = options
    this.view = options.view
    this.surface = options.surface
    this.format = options.copy ? 'rgba8unorm' : (navigator.gpu.getPreferredCanvasFormat() as 'rgba8unorm')
    this.snapshots = new Snapshots(device, this.format)
    ;[this.show, this.clear] = options.copy ? this.copying() : this.direct()
    this.schedule()
  }

  /** Pictures per second, over the latest two seconds. */
  get fps(): number {
    const since = performance.now() - 2000
    this.frames = this.frames.filter((time) => time > since)
    return this.frames.length / 2
  }

  /** The picture as it is now, in any size: RGBA bytes. */
  picture(width: number, height: number): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const surface = { ...this.surface, width, height }
    return this.snapshots.take(width, height, (target) => this.session?.draw(target, this.view, surface))
  }

  private direct(): [show: (session: Session) => Promise<unknown>, clear: () => void] {
    const { canvas, device } = this.options
    const context = canvas.getContext('webgpu')!
    context.configure({ device, format: this.format, alphaMode: 'premultiplied' })
    const show = (session: Session) => {
      this.fit(canvas)
      session.draw(context.getCurrentTexture().createView(), this.view, this.surface)
      return patiently(device, 'picture', device.queue.onSubmittedWorkDone())
    }
    const clear = () => {
      const encoder = device.createCommandEncoder({ label: 'clear' })
      const view = context.getCurrentTexture().createView()
      encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }] }).end()
      device.queue.submit([encoder.finish()])
    }
    return [show, clear]
  }

  private copying(): [show: (session: Session) => Promise<unknown>, clear: () => void] {
    const { canvas } = this.options
    const context = canvas.getContext('2d')!
    const show = async (session: Session) => {
      const { width, height } = this.surface
      const pixels = await this.picture(width, height)
      if (session !== this.session) return
      this.fit(canvas)
      context.putImageData(new ImageData(pixels, width, height), 0, 0)
    }
    return [show, () => context.clearRect(0, 0, canvas.width, canvas.height)]
  }

  private fit(canvas: OffscreenCanvas): void {
    const { width, height } = this.surface
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  }

  private schedule(): void {
    const next = () => {
      this.frame()
      this.schedule()
    }
    if (this.options.slow || !this.visible) setTimeout(next, SOFTWARE_FRAME_MS)
    else requestAnimationFrame(next)
  }

  private frame(): void {
    const { session } = this
    const now = performance.now()
    const seconds = (now - this.last) / 1000
    this.last = now
    if (!session?.canDraw(this.view) || !this.visible || this.inFlight >= 2) return
    if (this.view.source === 'policy') this.advance(session, seconds)
    this.inFlight++
    const landed = () => {
      this.inFlight--
    }
    // A lost device is told elsewhere.
    this.show(session)
      .then(() => this.frames.push(now))
      .catch(() => undefined)
      .finally(landed)
  }

  private advance(session: Session, seconds: number): void {
    const { fps } = session.spec.picture ?? DEFAULT_PICTURE
    if (!session.hasPlayed) this.owed = Math.max(this.owed, 1) // something to see, also where nothing is to move
    this.owed = Math.min(this.owed + seconds * fps * this.view.tempo, MOST_STEPS)
    const steps = Math.floor(this.owed)
    this.owed -= steps
    if (steps > 0) session.advance(steps)
  }
}
