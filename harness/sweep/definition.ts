/** What makes a sweep this one: two with the same definition have the same trials, and the same command goes on with it. */
import { createHash } from 'node:crypto'

export interface Definition {
  version: 1
  env: { id: string; hash: string }
  /** The configuration of the first trial, without what is searched. */
  base: Record<string, unknown>
  /** What is searched, as `parseSpace` gives it. */
  axes: unknown
  trials: number
  method: string
  seed: number
  eta: number
  rungs: number
  asha: boolean
  finalists: number
  finalSeeds: number
}

/** 16 hexadecimal digits. */
export const sweepId = (definition: Definition): string =>
  createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16)
