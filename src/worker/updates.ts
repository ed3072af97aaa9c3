/** Updates on their way from the Worker to the caller's loop. The Worker never waits for the page. */
import type { TrainUpdate } from '../run/api'

export class Updates {
  private readonly waiting: TrainUpdate[] = []
  private wake: () => void = () => undefined

  push(update: TrainUpdate): void {
    this.waiting.push(update)
    this.wake()
  }

  /** All that wait, up to the first checkpoint, as one: the latest, with every row since the last one. */
  private take(): TrainUpdate | undefined {
    const first = this.waiting.findIndex((update) => update.checkpoint)
    const all = this.waiting.splice(0, first < 0 ? this.waiting.length : first + 1)
    const last = all.at(-1)
    return last && { ...last, rows: all.flatMap(({ rows }) => rows) }
  }

  /** Until `ended` settles and nothing waits any more; throws what `ended` is rejected with. */
  async *until(ended: Promise<unknown>): AsyncGenerator<TrainUpdate, void, void> {
    let done = false
    const finish = () => {
      done = true
      this.wake()
    }
    ended.then(finish, finish)
    for (;;) {
      const update = this.take()
      if (update) yield update
      else if (done) break
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
    }
    await ended
  }
}
