/** Records what the stage draws, as it is drawn: each picture is drawn once more, read back and encoded. */
import type { FilmSize, FilmWriter } from '../../film/formats'
import { Pictures } from '../../scene/pictures'
import { GROUND } from '../../scene/scene'
import type { Recording, Surface, ViewChoice } from '../protocol'
import type { View } from './view'

/** A forgotten recording ends by itself. */
const MOST_SECONDS = 60
/** The longest side of a picture. */
const MOST_PIXELS = 1280
/** A video where the browser has an encoder for one, else a gif. */
const PREFERRED = ['mp4', 'webm', 'gif'] as const

type Format = (typeof PREFERRED)[number]

export class Recorder {
  private readonly pictures: Pictures
  private readonly timer: ReturnType<typeof setTimeout>
  /** The latest picture, and when it was drawn: how long it is shown is known with the next one. */
  private latest: { pixels: Uint8ClampedArray<ArrayBuffer>; at: number } | undefined
  private busy: Promise<void> = Promise.resolve()
  private begun = 0
  private count = 0
  private stopped = false
  private failed = false

  private constructor(
    private readonly device: GPUDevice,
    private readonly size: FilmSize,
    private readonly format: Format,
    private readonly writer: FilmWriter,
    pixelFormat: 'rgba8unorm' | 'bgra8unorm',
    private readonly tell: (recording: Recording) => void,
  ) {
    this.pictures = new Pictures(device, pixelFormat)
    this.timer = setTimeout(() => void this.stop(), 1000 * MOST_SECONDS)
  }

  /**
   * Loads the encoder, which is not part of the page before.
   * @param tell Called once, when the recording has ended.
   */
  static async begin(
    view: View,
    surface: Surface,
    pixelFormat: 'rgba8unorm' | 'bgra8unorm',
    tell: (recording: Recording) => void,
  ): Promise<Recorder> {
    const { openWriter } = await import('../../film/writer')
    const size = evenSize(surface)
    const refused: string[] = []
    for (const format of PREFERRED) {
      try {
        const writer = await openWriter(format, size)
        return new Recorder(view.training.gpu.device, size, format, writer, pixelFormat, tell)
      } catch (error) {
        refused.push((error as Error).message)
      }
    }
    throw new Error(refused.join(' '))
  }

  /** Adds a picture of `view` as it is now. Resolves when it is read back and the one before is encoded. */
  take(view: View, choice: ViewChoice, dark: boolean): Promise<void> {
    if (this.stopped) return this.busy
    if (view.training.gpu.device !== this.device) return this.stop() // the device was lost
    const at = performance.now()
    const { width, height } = this.size
    const ground = GROUND[dark ? 'dark' : 'light']
    const pixels = this.pictures.take(width, height, (target) =>
      view.draw(target, choice, { width, height, dark }, ground),
    )
    return this.next(async () => {
      const picture = await pixels
      if (!this.latest) this.begun = at
      await this.flush(at)
      this.latest = { pixels: picture, at }
    })
  }

  /** Ends the recording with the pictures taken so far. */
  stop(): Promise<void> {
    if (this.stopped) return this.busy
    this.end()
    const now = performance.now()
    return this.next(async () => {
      if (!this.latest) throw new Error('Nothing was drawn while it was recorded.')
      await this.flush(now)
      const bytes = await this.writer.finish()
      const seconds = (now - this.begun) / 1000
      this.pictures.destroy()
      this.tell({ bytes, format: this.format, codec: this.writer.codec, pictures: this.count, seconds })
    })
  }

  /** Does one thing after the other; the first that fails ends the recording. */
  private next(act: () => Promise<void>): Promise<void> {
    this.busy = this.busy.then(async () => {
      if (this.failed) return
      await act().catch((error) => this.fail(error))
    })
    return this.busy
  }

  /** Encodes the latest picture, which is shown until `now`. */
  private async flush(now: number): Promise<void> {
    if (!this.latest) return
    const [from, until] = [this.latest.at, now].map((at) => (at - this.begun) / 1000)
    await this.writer.add(this.latest.pixels, from, until)
    this.count++
  }

  private async fail(error: unknown): Promise<void> {
    this.failed = true
    this.end()
    this.pictures.destroy()
    this.tell({ failed: error instanceof Error ? error.message : String(error) })
    await this.writer.cancel().catch(() => undefined)
  }

  private end(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }
}

/** Of the stage, but not larger than is usual for films, and even, as encoders want it. */
function evenSize({ width, height }: Surface): FilmSize {
  const scale = Math.min(1, MOST_PIXELS / Math.max(width, height))
  const [even, high] = [width, height].map((n) => Math.max(16, 2 * Math.round((n * scale) / 2)))
  return { width: even, height: high }
}
