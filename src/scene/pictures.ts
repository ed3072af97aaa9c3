/** Pictures read back from the GPU: for films, and for software adapters, many of which cannot show a canvas. */

import { patiently } from '../gpu/patience'

/** Draws into its own textures and returns their pixels. */
export class Pictures {
  private texture: GPUTexture | undefined
  private staging: GPUBuffer | undefined
  private busy: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly device: GPUDevice,
    private readonly format: 'rgba8unorm' | 'bgra8unorm',
  ) {}

  /** RGBA bytes with straight alpha, rows from the top. Pictures are made one after the other. */
  take(width: number, height: number, draw: (target: GPUTextureView) => void): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const next = this.busy.then(() => this.read(width, height, draw))
    this.busy = next.catch(() => undefined)
    return next
  }

  private async read(width: number, height: number, draw: (target: GPUTextureView) => void) {
    const bytesPerRow = Math.ceil((width * 4) / 256) * 256
    const { texture, staging } = this.sized(width, height, bytesPerRow)
    draw(texture.createView())
    const encoder = this.device.createCommandEncoder({ label: 'picture' })
    encoder.copyTextureToBuffer({ texture }, { buffer: staging, bytesPerRow }, [width, height])
    this.device.queue.submit([encoder.finish()])
    await patiently(this.device, 'picture', staging.mapAsync(GPUMapMode.READ))
    const padded = new Uint8Array(staging.getMappedRange())
    const pixels = new Uint8ClampedArray(width * height * 4)
    for (let y = 0; y < height; y++) {
      pixels.set(padded.subarray(y * bytesPerRow, y * bytesPerRow + width * 4), y * width * 4)
    }
    staging.unmap()
    straighten(pixels, this.format === 'bgra8unorm')
    return pixels
  }

  private sized(width: number, height: number, bytesPerRow: number): { texture: GPUTexture; staging: GPUBuffer } {
    if (this.texture?.width !== width || this.texture.height !== height) {
      this.destroy()
      const { RENDER_ATTACHMENT, COPY_SRC } = GPUTextureUsage
      const usage = RENDER_ATTACHMENT | COPY_SRC
      this.texture = this.device.createTexture({ label: 'picture', size: [width, height], format: this.format, usage })
      this.staging = this.device.createBuffer({
        label: 'picture.staging',
        size: bytesPerRow * height,
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
      })
    }
    return { texture: this.texture!, staging: this.staging! }
  }

  destroy(): void {
    this.texture?.destroy()
    this.staging?.destroy()
  }
}

/** From premultiplied alpha, in the order of the texture, to the format of ImageData. */
function straighten(pixels: Uint8ClampedArray, swapped: boolean): void {
  for (let i = 0; i < pixels.length; i += 4) {
    if (swapped) [pixels[i], pixels[i + 2]] = [pixels[i + 2], pixels[i]]
    const alpha = pixels[i + 3]
    if (alpha === 0 || alpha === 255) continue
    for (let k = 0; k < 3; k++) pixels[i + k] = (pixels[i + k] * 255) / alpha
  }
}
