/** Options that change during training, and when: a run that continues after a loss repeats the changes. */
import type { PpoConfig } from '../options/options'
import { applyLive } from './live'
import type { Prepared } from './recovery'
import type { Trainer, TrainerOptions } from './trainer'

interface Change {
  /** Iterations submitted before the change. */
  at: number
  config: PpoConfig
}

export class Changes {
  private readonly made: Change[] = []
  private due: Change[] = []

  constructor(private readonly first: PpoConfig) {}

  /** The options after all changes. */
  get now(): PpoConfig {
    return this.made.at(-1)?.config ?? this.first
  }

  /** Changes that must be repeated, in order. */
  get again(): readonly Change[] {
    return this.due
  }

  /** Records a change that is made now; false if others must be repeated first, and this one after them. */
  add(change: Change): boolean {
    const last = this.due.at(-1)
    this.made.push(change)
    if (!last) return true
    this.due.push({ ...change, at: Math.max(change.at, last.at) })
    return false
  }

  /** Trains like `Trainer.train`, and makes each change at its iteration. */
  async *train({ run, trainer }: Prepared, options: TrainerOptions): ReturnType<Trainer['train']> {
    for (;;) {
      const next = this.due[0]
      const total = options.totalTimesteps ?? run.config.totalTimesteps
      const until = next ? Math.min(total, next.at * run.sizes.batchSize) : total
      yield* trainer.train({ ...options, totalTimesteps: until })
      if (!next || trainer.submitted < next.at) return
      this.due.shift()
      applyLive(run, next.config)
    }
  }

  /** The run is back at a point where its options were `config`: later changes must be repeated. */
  goBackTo(config: PpoConfig): void {
    this.due = this.made.slice(this.made.findIndex((change) => change.config === config) + 1)
  }
}
