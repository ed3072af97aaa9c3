/** Options that are changed while agents train, and where: a run that goes on after a loss changes them again there. */
import type { PpoConfig } from '../options/options'

export interface Change {
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

  /** The next one that is to be made again. */
  get next(): Change | undefined {
    return this.due[0]
  }

  /** Remembers one that is made now; false when others come before it, and it is made after them. */
  add(change: Change): boolean {
    const last = this.due.at(-1)
    this.made.push(change)
    if (!last) return true
    this.due.push({ ...change, at: Math.max(change.at, last.at) })
    return false
  }

  /** The next one is made again. */
  done(): void {
    this.due.shift()
  }

  /** The run stands where its options were `config`: what was changed later is due again. */
  goBackTo(config: PpoConfig): void {
    this.due = this.made.slice(this.made.findIndex((change) => change.config === config) + 1)
  }
}
