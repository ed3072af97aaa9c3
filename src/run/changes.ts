/** Options that are changed while agents train, and where: a run that goes on after a loss changes them again there. */
import type { PpoConfig } from '../options/options'
import { applyLive } from './live'
import type { Prepared } from './recovery'
import type { Trainer, TrainerOptions } from './trainer'

interface Change {
  /** Iterations that had been submitted before. */
  at: number
  config: PpoConfig
}

export class Changes {
  private readonly made: Change[] = []
  private due: Change[] = []

  constructor(private readonly first: PpoConfig) {}

  /** The options when all changes are made. */
  get now(): PpoConfig {
    return this.made.at(-1)?.config ?? this.first
  }

  /** Those that are to be made again, in order. */
  get again(): readonly Change[] {
    return this.due
  }

  /** Remembers one that is made now; false when others come before it, and it is made after them. */
  add(change: Change): boolean {
    const last = this.due.at(-1)
    this.made.push(change)
    if (!last) return true
    this.due.push({ ...change, at: Math.max(change.at, last.at) })
    return false
  }

  /** Trains as `Trainer.train` does; what is due is changed on the way. */
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

  /** The run stands where its options were `config`: what was changed later is due again. */
  goBackTo(config: PpoConfig): void {
    this.due = this.made.slice(this.made.findIndex((change) => change.config === config) + 1)
  }
}
