/** What a run goes on from. */
import type { Checkpoint } from '../../src/checkpoint/checkpoint'
import type { CheckpointFile } from './checkpoints'

export interface Resumed {
  folder: string
  file: CheckpointFile
  bytes: Uint8Array
  checkpoint: Checkpoint
  /** Where each agent stands in the checkpoint. */
  standing: Standing[]
  /** Agents that had stopped because they solved the environment go on. */
  pastSolved: boolean
}

/** Where an agent stands. */
export interface Standing {
  /** Iterations that it has trained. */
  iterations: number
  /** Whether it trains on. */
  goesOn: boolean
}
