/** One device for several runs, one after the other, and for what is done beside them: no run of them destroys it. */
import { type Gpu, requestGpu } from './device'

export class SharedGpu {
  private opening: Promise<Gpu> | undefined

  constructor(private readonly request: () => Promise<Gpu> = requestGpu) {}

  /**
   * The device under way; another one after a loss.
   * @throws GpuError 3 without usable WebGPU; the next call asks again.
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

  /** What hangs or is lost is of use to nobody any more: the next call of `get` asks for another one. */
  drop(gpu: Gpu): void {
    this.opening = undefined
    gpu.device.destroy()
  }
}
