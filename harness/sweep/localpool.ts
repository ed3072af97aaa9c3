/** A pool on this machine alone: one batch at a time. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EnvSpec } from '../../src/env/contract'
import type { Batch } from '../../src/sweep/types'
import { type Machine, workOn } from '../../src/sweep/work'
import { HarnessError } from '../cli/errors'
import { writeWhole } from '../disk/disk'
import type { FolderStore } from './filestore'
import type { OpenPool } from './pool'

const WORKERS_MS = 1000

/**
 * @param folder Where a population in training leaves its checkpoint: an interrupted batch goes on from there. It is
 *   removed at the end of the sweep.
 * @param room See `Pool`.
 */
export function localPool(
  machine: Machine,
  spec: EnvSpec,
  { files, folder, room }: { files: FolderStore; folder: string; room: number },
): OpenPool {
  return async (sweep, events) => {
    const stopping = new AbortController()
    const { signal } = stopping
    const queue: Batch[] = []
    let working: Promise<void> | null = null
    let now: { batch: Batch; sps: number } | null = null
    let given = 0

    const workers = () =>
      events.workers([
        {
          ...{ id: 'this-machine', kind: 'command', fingerprint: machine.fingerprint, software: machine.software },
          ...{ sweep: now ? sweep : null, trials: now?.batch.members.length ?? 0, rung: now?.batch.rung ?? 0 },
          ...{ sps: now?.sps ?? 0, given },
        },
      ])

    const train = async (batch: Batch) => {
      const current = { batch, sps: 0 }
      now = current
      const open = new Set(batch.members.map(({ trial }) => trial))
      const left = join(folder, `left-${batch.id}.safetensors`)
      const found = existsSync(left) ? [new Uint8Array(readFileSync(left))] : []
      await workOn(batch, {
        ...{ spec, machine, files, found, signal },
        async leave(bytes) {
          writeWhole(left, bytes)
        },
        speed(sps) {
          current.sps = sps
        },
        async result(result) {
          given++
          open.delete(result.trial)
          events.result(result)
        },
      })
      if (open.size > 0) throw new HarnessError(`batch ${batch.id}: ended without a result of trial ${[...open][0]}.`)
      rmSync(left, { force: true })
    }

    const work = async () => {
      try {
        for (let batch = queue.shift(); batch && !signal.aborted; batch = queue.shift()) await train(batch)
      } catch (error) {
        if (!signal.aborted) events.failed(error as Error)
      } finally {
        now = null
        working = null
      }
    }

    workers()
    const telling = setInterval(workers, WORKERS_MS)
    return {
      files,
      room,
      async submit(batch) {
        queue.push(batch)
        working ??= work()
      },
      async forget(names) {
        files.remove(names)
      },
      async close(finished) {
        clearInterval(telling)
        stopping.abort()
        await working
        if (finished) rmSync(folder, { recursive: true, force: true })
      },
    }
  }
}
