/** The state from which a run continues. */
import type { Checkpoint } from '../../src/checkpoint/checkpoint'
import type { CheckpointFile } from './checkpoints'

export interface Resumed {
  folder: string
  file: CheckpointFile
  bytes: Uint8Array
  checkpoint: Checkpoint
  /** The state of each agent in the checkpoint. */
  standing: Standing[]
  /** Whether agents that had stopped after solving the environment continue. */
  pastSolved: boolean
}

/** The state of an agent. */
export interface Standing {
  /** Iterations that it has trained. */
  iterations: number
  /** Whether it continues to train. */
  goesOn: boolean
}
