/** The work on batches: what an agent comes to does not depend on its company, or on interruptions. */
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { version } from '../../package.json'
import { resolveConfig } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
import { loadPolicy } from '../../src/policy/policyfile'
import { agentState } from '../../src/sweep/agent'
import type { Batch, TrialResult } from '../../src/sweep/types'
import { type Machine, workOn } from '../../src/sweep/work'
import { batchOf, collecting, member, memoryFiles, pageMachine } from '../support/batches'
import { TIMEOUT } from './resume'

const BATCH = 8 * 16
const [RUNG, END] = [4 * BATCH, 10 * BATCH]
const config = resolveConfig(
  {},
  { numEnvs: 8, numSteps: 16, numMinibatches: 2, hidden: [8], totalTimesteps: END, normObs: true },
  cartPole,
)
const MEMBERS = [3e-3, 1e-3, 1e-2, 2e-4, 5e-3].map((learningRate, k) => member(k, { sweep: { learningRate } }))
const env = { id: cartPole.id, hash: sourceHash(cartPole) }
const whole = batchOf({ env, config, until: END, members: MEMBERS, keep: { checkpoint: true, policy: true } })
const first: Batch = { ...whole, id: '0-1', ticket: 'b'.repeat(32), until: RUNG }

/** What must not depend on how the work was done. */
const told = ({ trial, timesteps, score, status, weightsHash, mixed }: TrialResult) => {
  return { trial, timesteps, score, status, weightsHash, mixed }
}
const byTrial = (results: readonly TrialResult[]) => results.map(told).sort((a, b) => a.trial - b.trial)

describe('workOn', { timeout: TIMEOUT }, () => {
  test('rungs, packing and a dead worker change nothing', async () => {
    const files = memoryFiles()
    const machine = pageMachine(8, version)
    const direct = collecting({ spec: cartPole, machine, files })
    await workOn(whole, direct)
    expect(machine.sizes).toEqual([5])
    expect(direct.results.map(({ status, timesteps }) => [status, timesteps])).toEqual(
      MEMBERS.map(() => ['finished', END]),
    )
    expect(new Set(direct.results.map(({ weightsHash }) => weightsHash)).size).toBe(5)
    const policy = loadPolicy(files.kept.get(direct.results[3].policy!.name)!)
    expect(policy.origin).toMatchObject({ seed: 103, steps: END, library: version, config: { learningRate: 2e-4 } })

    // By another machine, which takes fewer at once; then the rest of the way.
    const small = pageMachine(2, version)
    const rung = collecting({ spec: cartPole, machine: small, files })
    await workOn(first, rung)
    expect(small.sizes).toEqual([2, 2, 1])
    expect(rung.results.every(({ status }) => status === 'running')).toBe(true)
    const members = [4, 0, 2].map((k) => ({ ...MEMBERS[k], from: rung.results[k].checkpoint }))
    const second = { ...whole, rung: 1, members }
    const later = collecting({ spec: cartPole, machine, files })
    await workOn(second, later)
    expect(byTrial(later.results)).toEqual(byTrial(direct.results).filter(({ trial }) => [0, 2, 4].includes(trial)))
    // The curve of a rung begins after the one before.
    const [own] = later.results.filter(({ trial }) => trial === 2)
    const curves = [...rung.results[2].curve, ...own.curve]
    expect(curves).toEqual(direct.results[2].curve)
    expect(own.curve[0][0]).toBeGreaterThan(RUNG)

    // A worker dies: another one goes on from what it left.
    let left: Uint8Array | undefined
    const dying: Machine = {
      ...machine,
      async train(population, events, signal) {
        events.checkpoint(await machine.train({ ...population, untilTimesteps: 7 * BATCH }, events, signal))
        throw new Error('killed')
      },
    }
    const dead = collecting({ spec: cartPole, machine: dying, files, leave: async (bytes) => void (left = bytes) })
    await expect(workOn(second, dead)).rejects.toThrow('killed')
    expect(dead.results).toEqual([])
    const found = [left!, new Uint8Array(5), new TextEncoder().encode('{}\n')]
    const heir = collecting({ spec: cartPole, machine, files, found })
    await workOn(second, heir)
    expect(byTrial(heir.results)).toEqual(byTrial(later.results))
    expect(heir.results.map(({ curve }) => curve)).toEqual(later.results.map(({ curve }) => curve))
    // Control: it went on from iteration 7, not from the rung.
    const other = { ...machine, fingerprint: { ...machine.fingerprint, browser: 'another' } }
    const elsewhere = collecting({ spec: cartPole, machine: other, files, found })
    await workOn(second, elsewhere)
    expect(elsewhere.results.every(({ mixed }) => mixed)).toBe(true)
    expect(agentState(files.kept.get(own.checkpoint!.name)!, cartPole).iterations).toBe(10)
  })

  test('one trial that cannot be trained fails alone', async () => {
    const members = [MEMBERS[0], member(7, { sweep: { learningRate: -1 } }), MEMBERS[1]]
    const work = collecting({ spec: cartPole, machine: pageMachine(8, version) })
    await workOn({ ...first, members }, work)
    const statuses = work.results.map(({ trial, status }) => [trial, status])
    expect(statuses).toEqual([
      [7, 'failed'],
      [0, 'running'],
      [1, 'running'],
    ])
    expect(work.results[0].error).toMatch(/^config\.learningRate: -1 /)
  })
})
