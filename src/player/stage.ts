/** The picture of a page, and what plays and draws: WebGPU where there is an adapter, else the twin and a 2D canvas. */
import type { Contents, PlayerSpec } from './contents'
import type { Painter } from './painter'
import { make } from './panel'
import type { Show } from './show'
import { WebGpu } from './webgpu'

const TWIN = "Steps: the environment's twin, in JavaScript. Picture: 2D canvas."

/** `#picture` behind the address, in a gallery: the page shows nothing else. */
export const isPictureAlone = (): boolean => location.hash === '#picture'

export class Stage {
  readonly element = make('div')
  /** Tells the visitor what plays; `data-plays` is `webgpu` or `twin`. */
  readonly caption = make('p')
  private painter: Painter | null = null

  constructor(
    private readonly spec: PlayerSpec,
    /** Draws without WebGPU; null where the picture cannot be translated. */
    private readonly canvas: Painter | null,
  ) {
    this.useTwin()
  }

  useTwin(why = ''): void {
    this.use(this.canvas, 'twin', TWIN + why)
  }

  useGpu(painter: Painter): void {
    this.use(painter, 'webgpu', `Steps, in 32-bit floats as in training, and picture: ${painter.name}.`)
  }

  private use(painter: Painter | null, plays: 'webgpu' | 'twin', told: string): void {
    this.painter = painter
    if (painter) Object.assign(painter.canvas, { role: 'img', ariaLabel: `${this.spec.id}, played by the policy` })
    const none = 'This environment has no picture that can be drawn without WebGPU.'
    this.element.replaceChildren(painter?.canvas ?? make('p', { textContent: none }))
    this.caption.textContent = told
    this.caption.dataset.plays = plays
  }

  paint(show: Show): void {
    const { painter } = this
    if (!painter) return
    const { canvas } = painter
    const [left, bottom, right, top] = this.spec.picture?.frame ?? [0, 0, 1, 1]
    const width = Math.min(canvas.clientWidth * devicePixelRatio, 2000) || 640
    const size = [Math.round(width), Math.round((width * (top - bottom)) / (right - left))]
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size
    show.paint(painter, matchMedia('(prefers-color-scheme: dark)').matches)
  }
}

/** Gives steps and picture to WebGPU, and back to the twin as soon as that fails. The page does not wait for it. */
export async function playByGpu({ gpu: code }: Contents, show: Show, stage: Stage): Promise<void> {
  // In a gallery, which shows many of these pages at once, each would have a device of its own.
  if (!code || !navigator.gpu || isPictureAlone()) return
  const giveUp = (error: unknown) => {
    show.stepper = null
    const why = error instanceof Error ? error.message.split('. ')[0].replace(/\.$/, '') : 'the device was lost'
    stage.useTwin(` No WebGPU: ${why}.`)
  }
  try {
    const gpu = await WebGpu.open(code)
    void gpu.lost.then(giveUp)
    show.onFailure = giveUp
    show.stepper = gpu.step
    stage.useGpu(gpu.painter(giveUp))
  } catch (error) {
    giveUp(error)
  }
}
