/** Shares the GPU between training and pictures: both wait in the same queue. */
import type { Gpu } from '../../gpu/device'
import { patiently } from '../../gpu/patience'
import type { Run } from '../../run/run'
import type { Trainer } from '../../run/trainer'
import { SubmitLimit } from './submits'

export class GpuShare {
  private isVisible = true
  private on: { gpu: Gpu; trainer: Trainer; limit: SubmitLimit } | undefined

  /** Controls the submits of `trainer`, which replaces the one on the previous device. */
  take(trainer: Trainer, { gpu, flopsPerDispatch }: Run): void {
    const limit = new SubmitLimit(flopsPerDispatch)
    limit.visible = this.isVisible
    this.on = { gpu, trainer, limit }
    trainer.onSubmit = (flops) => {
      const over = patiently(gpu.device, 'training', gpu.device.queue.onSubmittedWorkDone())
      limit.submitted(flops, over).then(
        () => this.adapt(),
        () => undefined, // a lost device is reported elsewhere
      )
    }
    trainer.turn = () => limit.turn()
    this.adapt()
  }

  /** Nobody sees the pictures of a hidden page. */
  set visible(visible: boolean) {
    this.isVisible = visible
    if (this.on) this.on.limit.visible = visible
    this.adapt()
  }

  /** Milliseconds of a recent submit, null before it was measured, and its size as a share of the full size. */
  get submit(): { ms: number | null; share: number } {
    const { limit } = this.on!
    return { ms: limit.ms, share: limit.flops / limit.most }
  }

  /** Sets the size of submits to the current limit. */
  private adapt(): void {
    if (!this.on) return
    const { gpu, trainer, limit } = this.on
    const perIteration = trainer.work.flopsPerIteration
    trainer.work.flopsPerSubmit = limit.flops
    // On a software adapter every iteration is long, and a pause waits for all iterations of one readback.
    trainer.iterationsAtOnce = gpu.software ? 1 : Math.max(1, Math.floor(limit.flops / perIteration))
    trainer.inFlight = gpu.software || (limit.visible && perIteration > 2 * limit.flops) ? 1 : 3
  }
}
