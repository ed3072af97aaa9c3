import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { createAsha } from '../../harness/sweep/asha'
import { makeCoordinator } from '../../harness/sweep/coordinate'
import type { Definition } from '../../harness/sweep/definition'
import { withFinals } from '../../harness/sweep/finals'
import { openSweepFolder, type Recorded, type SweepFolder } from '../../harness/sweep/folder'
import { createHalving } from '../../harness/sweep/halving'
import { makePlan } from '../../harness/sweep/plan'
import type { OpenPool, PoolEvents } from '../../harness/sweep/pool'
import { rankTrials } from '../../harness/sweep/ranking'
import { makeTrials, parseSpace } from '../../harness/sweep/space'
import type { Batch, TrialResult } from '../../src/sweep/types'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TRIALS = 9
const FINALS = { trials: TRIALS, finalists: 2, seeds: 2, firstSeed: 100 }
const RUNGS = 2
const space = parseSpace(
  { set: ['learningRate=loguniform(1e-4,1e-2)', 'numEnvs=choice(4,8)', 'totalTimesteps=4096'], envSet: [] },
  cartPole,
)
const trials = makeTrials(space, { trials: TRIALS, method: 'random', seed: 1 })
const plan = makePlan(cartPole, {}, space, trials, { eta: 3, rungs: RUNGS })
const definition: Definition = {
  ...{ version: 1, env: { id: cartPole.id, hash: 'x' }, base: {}, axes: [], trials: TRIALS, method: 'random' },
  ...{ seed: 1, eta: 3, rungs: RUNGS, asha: false, finalists: 2, finalSeeds: 2 },
}

/** What a worker would send: the score depends on the trial and its seed alone. */
function answer(batch: Batch, { trial, seed }: { trial: number; seed: number }): TrialResult {
  const bad = trial === 4 && batch.rung === 0
  return {
    ...{ version: 1, sweep: batch.sweep, batch: batch.id, ticket: batch.ticket, trial, rung: batch.rung },
    timesteps: bad ? 128 : batch.until,
    score: bad ? null : ((seed * 7919) % 101) + batch.rung,
    status: bad ? 'notFinite' : 'running',
    ...{ curve: [], seconds: 1, weightsHash: null, mixed: false, error: null },
    fingerprint: { adapter: 'a', browser: 'b', version: 'c' },
    checkpoint: batch.keep.checkpoint && !bad ? { name: `c-${trial}-${batch.rung}`, bytes: 1, sha256: '0' } : null,
    policy: batch.keep.policy ? { name: `p-${trial}`, bytes: 1, sha256: '0' } : null,
  }
}

interface Told {
  batches: Batch[]
  forgotten: string[]
  events?: PoolEvents
  closed?: boolean
}

/** Answers each batch at once, member by member; `between` may throw to end the process there. */
const answering =
  (told: Told, between: (result: TrialResult, events: PoolEvents) => void = () => {}): OpenPool =>
  async (_, events) => {
    told.events = events
    return {
      files: { put: () => Promise.reject(new Error('no files')), get: () => Promise.reject(new Error('no files')) },
      room: Number.POSITIVE_INFINITY,
      async submit(batch) {
        told.batches.push(batch)
        for (const member of batch.members) {
          const result = answer(batch, member)
          between(result, events)
          events.result(result)
        }
      },
      async forget(names) {
        told.forgotten.push(...names)
      },
      async close(finished) {
        told.closed = finished
      },
    }
  }

function open(name: string, { asha = false, say = () => {} }: { asha?: boolean; say?: (line: string) => void } = {}) {
  const opened = openSweepFolder(join(folder, name), definition)
  const scheduler = withFinals((asha ? createAsha : createHalving)(TRIALS, { eta: 3, rungs: RUNGS }), FINALS)
  const sweep = { id: '0123456789abcdef', plan, scheduler, finals: FINALS, folder: opened, batch: 4, asha, say }
  return { opened, scheduler, coordinator: makeCoordinator(sweep) }
}

const linesOf = (name: string): Recorded[] =>
  readFileSync(join(folder, name, 'results.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
/** Without the batch, whose members may differ after an interruption. */
const sorted = (rows: Recorded[]) =>
  rows.map(({ batch: _batch, ...row }) => row).sort((a, b) => a.rung - b.rung || a.trial - b.trial)

async function whole(name: string, asha = false): Promise<{ told: Told; rows: Recorded[]; opened: SweepFolder }> {
  const told: Told = { batches: [], forgotten: [] }
  const { opened, coordinator } = open(name, { asha })
  expect(await coordinator.run(answering(told), new AbortController().signal)).toBe(true)
  opened.close()
  return { told, rows: linesOf(name), opened }
}

describe('the coordinator', () => {
  test('trains all, promotes the best third from their checkpoints, and the best two over fresh seeds', async () => {
    const { told, rows } = await whole('whole')
    expect(rows.map(({ rung }) => rung).sort()).toEqual([...Array(9).fill(0), ...Array(3).fill(1), ...Array(4).fill(2)])
    const byScore = rows.filter(({ rung, score }) => rung === 0 && score !== null).sort((a, b) => b.score! - a.score!)
    const promoted = rows.filter(({ rung }) => rung === 1).map(({ trial }) => trial)
    expect(promoted.sort()).toEqual(
      byScore
        .slice(0, 3)
        .map(({ trial }) => trial)
        .sort(),
    )
    const finals = rows.filter(({ rung }) => rung === 2)
    expect(finals.map(({ trial, seed }) => [trial, seed])).toEqual([
      [9, 100],
      [10, 101],
      [11, 100],
      [12, 101],
    ])
    expect(finals[0].values).toEqual(trials[byScore[0].trial].values)
    for (const { rung, until, members, config } of told.batches) {
      expect(members.length).toBeLessThanOrEqual(4)
      expect(until).toBe(plan.untils(trials[0]).at(rung === 0 ? 0 : -1))
      for (const { trial, from, sweep } of members) {
        expect(from?.name).toBe(rung === 1 ? `c-${trial}-0` : undefined)
        const { values } = trials[trial] ?? trials[byScore[trial < 11 ? 0 : 1].trial]
        expect(values.numEnvs).toBe(config.numEnvs)
        expect(Object.keys(sweep)).toEqual(['learningRate'])
      }
    }
    // All checkpoints but that of the trial that has none, each once.
    expect(told.forgotten.toSorted()).toEqual([0, 1, 2, 3, 5, 6, 7, 8].map((trial) => `c-${trial}-0`))
    expect(told.closed).toBe(true)
    expect(statSync(join(folder, 'whole', 'secret')).mode & 0o777).toBe(0o600)
  })

  test.each([false, true])(
    'ended after any result, also in the middle of a line, goes on to the same ones (asha %s)',
    async (asha) => {
      const { rows } = await whole(`all-${asha}`, asha)
      for (let after = 0; after < rows.length; after++) {
        const name = `ended-${asha}-${after}`
        const first: Told = { batches: [], forgotten: [] }
        const killed = open(name, { asha })
        let left = after
        const dead = answering(first, () => {
          if (left-- === 0) throw new Error('killed')
        })
        await expect(killed.coordinator.run(dead, new AbortController().signal)).rejects.toThrow('killed')
        killed.opened.close()
        const path = join(folder, name, 'results.jsonl')
        if (after % 2 === 1) writeFileSync(path, `${readFileSync(path, 'utf8')}{"trial":8,"rung":`)
        const second: Told = { batches: [], forgotten: [] }
        const again = open(name, { asha })
        expect(again.coordinator.progress.records.results).toHaveLength(after)
        expect(await again.coordinator.run(answering(second), new AbortController().signal)).toBe(true)
        again.opened.close()
        const ended = linesOf(name)
        const steps = ended.map(({ trial, rung }) => `${trial} ${rung}`)
        expect(new Set(steps).size).toBe(steps.length)
        if (!asha) expect(sorted(ended)).toEqual(sorted(rows))
        // What was recorded is not computed again; a batch that was begun keeps its id.
        const computed = second.batches.flatMap(({ rung, members }) => members.map(({ trial }) => `${trial} ${rung}`))
        expect(computed.filter((step) => steps.slice(0, after).includes(step))).toEqual([])
        const open1 = first.batches.at(-1)!
        expect(second.batches.map(({ id }) => id)).toContain(open1.id)
      }
    },
  )

  test('a second result is discarded and counted; what was not asked for is named, and nothing else happens', async () => {
    const lines: string[] = []
    const { opened, coordinator } = open('hostile', { say: (line) => lines.push(line) })
    const told: Told = { batches: [], forgotten: [] }
    const wrong: Partial<TrialResult>[] = [
      { ticket: '0'.repeat(32) },
      { sweep: 'f'.repeat(16) },
      { batch: 'r0-\u001b[2J\u202eabc' },
      { trial: 400 },
      { rung: 1 },
      { timesteps: 1 },
      { timesteps: 2 ** 40 },
      { status: 'failed', score: 1e9 },
      { checkpoint: null },
    ]
    const pool = answering(told, (result, events) => {
      if (result.trial !== 0) return
      if (result.rung === 0) for (const change of wrong) events.result({ ...result, ...change })
      events.result(result)
    })
    expect(await coordinator.run(pool, new AbortController().signal)).toBe(true)
    opened.close()
    expect(sorted(linesOf('hostile'))).toEqual(sorted(linesOf('whole')))
    expect(coordinator.progress.refused).toBe(wrong.length)
    expect(coordinator.progress.duplicates).toBeGreaterThan(0)
    expect(lines).toHaveLength(wrong.length)
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(lines[0]).toContain('without the ticket')
  })

  test('another fingerprint is marked', async () => {
    const { opened, coordinator } = open('marked')
    const pool = answering({ batches: [], forgotten: [] }, (result) => {
      if (result.trial === 3) result.fingerprint = { ...result.fingerprint, adapter: 'z' }
    })
    await coordinator.run(pool, new AbortController().signal)
    opened.close()
    expect(
      linesOf('marked')
        .filter(({ other }) => other)
        .every(({ trial }) => trial === 3),
    ).toBe(true)
    expect(linesOf('marked').some(({ other }) => other)).toBe(true)
  })

  test('a trial that goes on on another machine is mixed', async () => {
    const { opened, coordinator } = open('mixed')
    const pool = answering({ batches: [], forgotten: [] }, (result) => {
      if (result.rung === 1) result.fingerprint = { ...result.fingerprint, adapter: 'z' }
    })
    await coordinator.run(pool, new AbortController().signal)
    opened.close()
    const search = linesOf('mixed').filter(({ rung }) => rung < RUNGS)
    expect(search.map(({ rung, mixed }) => [rung, mixed])).toEqual(search.map(({ rung }) => [rung, rung > 0]))
    expect(search.some(({ rung }) => rung > 0)).toBe(true)
  })

  test('knows the best of the search after each result', async () => {
    const { opened, coordinator } = open('best')
    const { records } = coordinator.progress
    const seen: unknown[] = []
    const check = () => {
      const best = rankTrials(records.results, RUNGS).find(({ score }) => score !== null) ?? null
      expect(records.best).toEqual(best)
      seen.push(best && `${best.trial} ${best.rung}`)
    }
    let lost = false
    const pool = answering({ batches: [], forgotten: [] }, (result) => {
      check()
      // In the last rung all meet a number that is not finite, until the best has.
      if (lost || result.rung !== RUNGS - 1) return
      lost = records.best?.trial === result.trial
      Object.assign(result, { score: null, status: 'notFinite', checkpoint: null, policy: null })
    })
    await coordinator.run(pool, new AbortController().signal)
    opened.close()
    check()
    expect(lost).toBe(true)
    expect(new Set(seen).size).toBeGreaterThan(2)
  })

  test('ends by a signal, and with what the pool failed with', async () => {
    const stopping = new AbortController()
    const told: Told = { batches: [], forgotten: [] }
    const first = open('stopped')
    const silent: OpenPool = async (sweep, events) => ({
      ...(await answering(told)(sweep, events)),
      submit: async () => {},
    })
    const running = first.coordinator.run(silent, stopping.signal)
    setTimeout(() => stopping.abort(), 10)
    expect(await running).toBe(false)
    expect(told.closed).toBe(false)
    const failing: OpenPool = async (sweep, events) => {
      setTimeout(() => events.failed(new Error('the server is gone')), 10)
      return silent(sweep, events)
    }
    await expect(first.coordinator.run(failing, new AbortController().signal)).rejects.toThrow('the server is gone')
    first.opened.close()
  })
})

describe('the folder', () => {
  test('is of one sweep, and of one process', async () => {
    const { opened } = open('locked')
    expect(() => open('locked')).toThrow('is training in')
    opened.close()
    expect(() => openSweepFolder(join(folder, 'locked'), { ...definition, seed: 2 })).toThrow('holds another sweep')
    writeFileSync(join(folder, 'locked', 'sweep.json'), '{}')
    expect(() => open('locked')).toThrow('sweep.json is missing or damaged')
  })

  test('a line that no sweep wrote is named', () => {
    open('lines').opened.close()
    writeFileSync(join(folder, 'lines', 'results.jsonl'), '{"trial":-1}\n')
    expect(() => open('lines')).toThrow('results.jsonl:1: is not a line that a sweep wrote')
    mkdirSync(join(folder, 'run'))
    writeFileSync(join(folder, 'run', 'config.json'), '{}')
    expect(() => open('run')).toThrow('holds a training run')
  })

  test('a ticket depends on the batch and on the folder', () => {
    const [a, b] = [open('ticket-a').opened, open('ticket-b').opened]
    expect(a.ticket('x')).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set([a.ticket('x'), a.ticket('y'), b.ticket('x')]).size).toBe(3)
    const before = a.ticket('x')
    a.close()
    b.close()
    const again = open('ticket-a').opened
    expect(again.ticket('x')).toBe(before)
    again.close()
  })
})
