/** One device for several runs in sequence, and for other work between them: no run destroys it. */
import { type Gpu, requestGpu } from './device'

export class SharedGpu {
  private opening: Promise<Gpu> | undefined

  constructor(private readonly request: () => Promise<Gpu> = requestGpu) {}

  /**
   * The current device; after a loss, a new one.
   * @throws GpuError 3 without usable WebGPU; the next call tries again.
   */
  get(): Promise<Gpu> {
    if (this.opening) return this.opening
    const opening = this.request()
    this.opening = opening
    const forget = () => {
      if (this.opening === opening) this.opening = undefined
    }
    opening.then(({ device }) => device.lost.then(forget), forget)
    return opening
  }

  /** Forgets a device that hangs or is lost: the next call of `get` requests another one. */
  drop(gpu: Gpu): void {
    this.opening = undefined
    gpu.device.destroy()
  }
}
