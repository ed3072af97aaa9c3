/** The checkpoints in a run's folder: `checkpoint-<iteration>.safetensors`, the last two. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkpoint, readCheckpoint } from '../../src/checkpoint/checkpoint'
import type { EnvSpec } from '../../src/env/contract'
import { largest } from '../../src/extremes'
import { readSafetensors } from '../../src/files/safetensors'
import type { Every } from '../../src/run/api'
import type { Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { type DiskWatch, writeWhole } from '../disk/disk'

export const CHECKPOINT_FILE = /^checkpoint-(\d{10,16})\.safetensors$/

/** Two: if one is damaged, the one before it is still there. */
const KEPT = 2

export interface CheckpointFile {
  path: string
  iteration: number
}

/** The checkpoints in `folder`, latest first. */
export function listCheckpoints(folder: string): CheckpointFile[] {
  return readdirSync(folder)
    .filter((name) => CHECKPOINT_FILE.test(name))
    .map((name) => ({ path: join(folder, name), iteration: Number(CHECKPOINT_FILE.exec(name)![1]) }))
    .sort((a, b) => b.iteration - a.iteration)
}

/** Iterations of the agent that has trained longest; they only increase, so the latest file sorts last. */
export function iterationOf(bytes: Uint8Array): number {
  const { tensors, metadata } = readSafetensors(bytes, 'checkpoint')
  const iterations = tensors.get('progress.iteration')?.data as Uint32Array | undefined
  return iterations ? largest(iterations) : Number.parseInt(metadata.iterations, 10)
}

/** Writes a checkpoint; after that, removes all but the last two. */
export function writeCheckpoint(folder: string, bytes: Uint8Array, watch: DiskWatch): boolean {
  const name = `checkpoint-${String(iterationOf(bytes)).padStart(10, '0')}.safetensors`
  return watch.attempt('checkpoints', () => {
    writeWhole(join(folder, name), bytes)
    for (const { path } of listCheckpoints(folder).slice(KEPT)) rmSync(path)
  })
}

/**
 * Reads a checkpoint of a run's folder.
 * @param env Its environment, if that is not built in.
 * @throws UsageError if it is not a file, SafetensorsError or CheckpointError if it is invalid.
 */
export function openCheckpoint(path: string, env?: EnvSpec): { bytes: Uint8Array; checkpoint: Checkpoint } {
  if (!statSync(path).isFile()) throw new UsageError(`${path}: is not a file.`)
  const bytes = new Uint8Array(readFileSync(path))
  return { bytes, checkpoint: readCheckpoint(bytes, env, path) }
}

/** Default of `--checkpoint-every`. */
export const CHECKPOINT_EVERY = '30s'

/** `30s` seconds, `10i` iterations, `none`. */
export function readEvery(given: Given): Every | null {
  const text = given.text('checkpoint-every') ?? CHECKPOINT_EVERY
  if (text === 'none') return null
  const [, number, unit] = /^(\d+(?:\.\d+)?)([si])$/.exec(text) ?? []
  const value = Number(number)
  if (unit === 's' && value > 0 && value <= 1e6) return { seconds: value }
  if (unit === 'i' && Number.isInteger(value) && value > 0 && value <= 1e9) return { iterations: value }
  throw new UsageError(
    `--checkpoint-every: ${JSON.stringify(text)} is not seconds such as 30s, iterations such as 10i, or none.`,
  )
}
