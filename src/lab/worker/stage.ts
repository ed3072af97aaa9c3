/** When and where pictures are drawn: on the page's canvas while it is visible, and not too often for the adapter. */
import type { Gpu } from '../../gpu/device'
import { patiently } from '../../gpu/patience'
import { DEFAULT_PICTURE } from '../../scene/grid'
import { Pictures } from '../../scene/pictures'
import type { Standing, Surface, ViewChoice } from '../protocol'
import { Person } from './person'
import type { Recorder } from './recorder'
import type { View } from './view'

/** A software adapter trains on the same cores that draw. */
const SOFTWARE_FRAME_MS = 200
/** Steps of the watched environments per picture at most: they do not catch up after the page was paused. */
const MOST_STEPS = 12

export interface StageOptions {
  canvas: OffscreenCanvas
  surface: Surface
  choice: ViewChoice
  /**
   * Shows pictures through a copy in the page's memory instead of on a canvas of the device: Chrome loses a device of
   * its software adapter when that device draws on a canvas, unless the rest of Chrome runs on the same Vulkan.
   */
  copy: boolean
}

/** The canvas to draw on. */
interface Screen {
  /** Sets the device that draws from now on. */
  use(device: GPUDevice): void
  show(view: View): Promise<unknown>
  /** Removes the picture of another environment from the canvas. */
  clear(): void
}

export class Stage {
  choice: ViewChoice
  surface: Surface
  visible = true
  view: View | undefined
  /** Records what is drawn. */
  recorder: Recorder | undefined
  /** Who may act in the focused environment. */
  readonly person = new Person()
  /** The format of the textures that are drawn on. */
  readonly format: 'rgba8unorm' | 'bgra8unorm'
  private readonly screen: Screen
  private device: GPUDevice
  private pictures: Pictures
  /** A software adapter draws at most 5 pictures per second. */
  private slow: boolean
  private inFlight = 0
  private last = performance.now()
  private owed = 0
  /** The view that was drawn last. */
  private seen: View | undefined
  private frames: number[] = []
  /** When the latest picture was begun. */
  private begun = Number.NEGATIVE_INFINITY

  constructor(
    private readonly options: StageOptions,
    { device, software }: Gpu,
  ) {
    this.choice = options.choice
    this.surface = options.surface
    this.format = options.copy ? 'rgba8unorm' : (navigator.gpu.getPreferredCanvasFormat() as 'rgba8unorm')
    this.device = device
    this.slow = software
    this.pictures = new Pictures(device, this.format)
    this.screen = options.copy ? this.copying() : this.direct()
    this.screen.use(device)
    this.schedule()
  }

  /** Draws with this device from now on. */
  use({ device, software }: Gpu): void {
    if (device === this.device) return
    this.pictures.destroy()
    this.device = device
    this.slow = software
    this.pictures = new Pictures(device, this.format)
    this.screen.use(device)
  }

  clear(): void {
    this.screen.clear()
  }

  /** Pictures per second, over the latest two seconds. */
  private get fps(): number {
    const since = performance.now() - 2000
    this.frames = this.frames.filter((time) => time > since)
    return this.frames.length / 2
  }

  /** What the page tells of the pictures. */
  get shown(): Pick<Standing, 'fps' | 'drawn'> {
    const { view, seen, fps } = this
    return { fps, drawn: view && seen === view ? view.drawnEnvs(this.choice) : null }
  }

  private direct(): Screen {
    const { canvas } = this.options
    const context = canvas.getContext('webgpu')!
    return {
      use: (device) => context.configure({ device, format: this.format, alphaMode: 'premultiplied' }),
      show: async (view) => {
        const { device } = this
        this.fit(canvas)
        view.draw(context.getCurrentTexture().createView(), this.choice, this.surface)
        await patiently(device, 'picture', device.queue.onSubmittedWorkDone())
      },
      clear: () => {
        const encoder = this.device.createCommandEncoder({ label: 'clear' })
        const target = context.getCurrentTexture().createView()
        encoder.beginRenderPass({ colorAttachments: [{ view: target, loadOp: 'clear', storeOp: 'store' }] }).end()
        this.device.queue.submit([encoder.finish()])
      },
    }
  }

  private copying(): Screen {
    const { canvas } = this.options
    const context = canvas.getContext('2d')!
    return {
      use: () => undefined,
      show: async (view) => {
        const { choice, surface } = this
        const { width, height } = surface
        const pixels = await this.pictures.take(width, height, (target) => view.draw(target, choice, surface))
        if (view !== this.view) return
        this.fit(canvas)
        context.putImageData(new ImageData(pixels, width, height), 0, 0)
      },
      clear: () => context.clearRect(0, 0, canvas.width, canvas.height),
    }
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
    // A little later than a picture is due: a timer that is early by a fraction would skip one.
    if (this.slow || !this.visible) setTimeout(next, SOFTWARE_FRAME_MS + 5)
    else requestAnimationFrame(next)
  }

  /** Draws one picture, in a page that is visible. */
  async draw(): Promise<void> {
    const { view } = this
    if (!view?.canDraw || !this.visible) return
    this.inFlight++
    const begun = performance.now()
    this.begun = begun
    try {
      await this.screen.show(view)
      this.frames.push(begun)
      this.seen = view
      await this.recorder?.take(view, this.choice, this.surface.dark)
    } catch {
      // A lost device is reported elsewhere.
    } finally {
      this.inFlight--
    }
  }

  private frame(): void {
    const { view, choice } = this
    const now = performance.now()
    const seconds = (now - this.last) / 1000
    this.last = now
    if (!view?.canDraw || !this.visible || this.inFlight >= 2) return
    if (this.slow && now - this.begun < SOFTWARE_FRAME_MS) return
    const { source, tempo } = choice
    // Where pictures stand still, those that stand in for the policy's own do too.
    if (source !== view.drawnEnvs(choice).source && tempo === 0 && this.seen === view) return
    if (source === 'policy') this.advance(view, seconds)
    void this.draw()
  }

  private advance(view: View, seconds: number): void {
    const { fps } = view.training.spec.picture ?? DEFAULT_PICTURE
    if (!view.hasPlayed) this.owed = Math.max(this.owed, 1) // show one picture, also if nothing moves
    this.owed = Math.min(this.owed + seconds * fps * this.choice.tempo, MOST_STEPS)
    const steps = Math.floor(this.owed)
    this.owed -= steps
    if (steps > 0) view.advance(steps, this.choice, this.person)
  }
}
