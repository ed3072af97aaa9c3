/** Batches for tests, files in memory, and a machine in the shared page. */
import { createHash } from 'node:crypto'
import type { Machine, PopulationEvents, Work } from '../../src/sweep/machine'
import type { Batch, FileRef, FileStore, Member, TrialResult } from '../../src/sweep/types'
import { trainInPage } from './train'

export const HERE = { adapter: 'google swiftshader (software)', browser: 'test', version: '0.0.0' }

/** @param most Agents that it takes at once. */
export function pageMachine(most: number, version: string): Machine & { sizes: number[] } {
  const sizes: number[] = []
  return {
    ...{ sizes, fingerprint: { ...HERE, version }, software: true, fits: () => most },
    async train({ spec, config, from, untilTimesteps }, events, signal) {
      sizes.push(config.numAgents)
      signal.throwIfAborted()
      const trained = await trainInPage({ env: spec.id, config, from, untilTimesteps })
      tell(events, trained.rows, config.numAgents)
      return trained.checkpoint!
    },
  }
}

function tell(events: PopulationEvents, rows: Awaited<ReturnType<typeof trainInPage>>['rows'], numAgents: number) {
  const most = Math.max(...rows.map((own) => own.length))
  for (let i = 0; i < most; i++) {
    events.rows([Array.from({ length: numAgents }, (_, agent) => rows[agent][i] ?? null)], i + 1)
  }
}

export const memoryFiles = (): FileStore & { kept: Map<string, Uint8Array> } => {
  const kept = new Map<string, Uint8Array>()
  return {
    kept,
    async put(name, bytes): Promise<FileRef> {
      if (kept.has(name)) throw new Error(`${name} is there`)
      kept.set(name, bytes)
      return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
    },
    async get({ name }) {
      const bytes = kept.get(name)
      if (!bytes) throw new Error(`there is no file ${name}`)
      return bytes
    },
  }
}

export const member = (trial: number, more: Partial<Member> = {}): Member => ({
  ...{ trial, seed: 100 + trial, sweep: {}, envParams: {}, from: null },
  ...more,
})

/** Work with all that is not said left out; results are collected. */
export function collecting(work: Pick<Work, 'spec' | 'machine'> & Partial<Work>): Work & { results: TrialResult[] } {
  const results: TrialResult[] = []
  const result = async (one: TrialResult) => void results.push(one)
  return { files: memoryFiles(), result, signal: new AbortController().signal, ...work, results }
}

export const batchOf = (more: Pick<Batch, 'env' | 'config' | 'until' | 'members'> & Partial<Batch>): Batch => ({
  ...{ version: 1, sweep: '0123456789abcdef', id: '0-0', ticket: 'a'.repeat(32), rung: 0 },
  ...{ keep: { checkpoint: true, policy: false } },
  ...more,
})
