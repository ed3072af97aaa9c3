/** The work on a batch, with a machine that computes nothing. */
import { describe, expect, it } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import { ShaderError } from '../../src/gpu/compile'
import { GpuError } from '../../src/gpu/gpuerror'
import type { MetricsRow } from '../../src/metrics'
import { joinAgents, populationKey } from '../../src/options/population'
import { agentConfig } from '../../src/options/sweep'
import { RoomError } from '../../src/run/limits'
import { Curve } from '../../src/sweep/curve'
import { DoesNotFit, type Machine, workOn } from '../../src/sweep/work'
import { batchOf, collecting, HERE, member } from '../support/batches'
import { CHECKPOINT_OPTIONS, emptyCheckpoint } from '../support/checkpoint'

const config = resolveConfig(cartPole.preset, CHECKPOINT_OPTIONS, cartPole)
const batch = batchOf({
  env: { id: cartPole.id, hash: '0'.repeat(64) },
  ...{
    config,
    until: 3200,
    members: [0, 1, 2, 3, 4].map((k) => member(k)),
    keep: { checkpoint: false, policy: false },
  },
})

/** Trains in no time, unless `refuse` gives an error for so many agents. */
function machine(fits: number, refuse: (agents: number) => Error | null): Machine & { sizes: number[] } {
  const sizes: number[] = []
  return {
    ...{ sizes, fingerprint: HERE, software: true, fits: () => fits },
    async train({ config: { numAgents } }) {
      sizes.push(numAgents)
      const error = refuse(numAgents)
      if (error) throw error
      return emptyCheckpoint(100, 1, { numAgents })
    },
  }
}

async function done(machine: Machine): Promise<[number, string][]> {
  const work = collecting({ spec: cartPole, machine })
  await workOn(batch, work)
  return work.results.map(({ trial, status }) => [trial, status])
}
const ALL = [0, 1, 2, 3, 4].map((trial) => [trial, 'finished'])

describe('workOn', () => {
  it('packs agents evenly', async () => {
    const four = machine(4, () => null)
    expect(await done(four)).toEqual(ALL)
    expect(four.sizes).toEqual([3, 2])
  })

  it('halves a population that has no room after all', async () => {
    const small = machine(8, (agents) => (agents > 2 ? new RoomError('config.numAgents: too large') : null))
    expect(await done(small)).toEqual(ALL)
    expect(small.sizes).toEqual([5, 3, 2, 2, 1])
  })

  it('leaves a batch to others if not even one agent fits', async () => {
    await expect(done(machine(0, () => null))).rejects.toThrow(DoesNotFit)
    const none = machine(8, () =>
      Object.assign(new Error('the GPU has no room'), { name: 'ConfigError', code: 'NO_ROOM' }),
    )
    await expect(done(none)).rejects.toThrow(DoesNotFit)
    expect(none.sizes).toEqual([5, 3, 2, 1])
  })

  it('fails the trials that a machine cannot train, and goes on after none of its own losses', async () => {
    const broken = machine(8, () => new ShaderError('adam does not compile'))
    expect(await done(broken)).toEqual([0, 1, 2, 3, 4].map((trial) => [trial, 'failed']))
    await expect(done(machine(8, () => new GpuError('lost', 5)))).rejects.toThrow('lost')
    const short: Machine = { ...machine(8, () => null), train: async () => emptyCheckpoint(50, 0, { numAgents: 5 }) }
    await expect(done(short)).rejects.toThrow('ended before the end')
  })
})

describe('agents of one population', () => {
  const own = (k: number, more = {}) =>
    resolveConfig({}, { seed: 9 - k, entCoef: k, envParams: { gravity: 9 + k }, ...more }, cartPole)

  it('are joined, and taken apart again', () => {
    const agents = [own(1), own(2), own(3)]
    const joined = joinAgents(agents)
    expect(joined).toMatchObject({ numAgents: 3, sweep: { seed: [8, 7, 6], entCoef: [1, 2, 3] } })
    expect(joined.envParams.gravity).toEqual([10, 11, 12])
    expect(Object.keys(joined.sweep)).toHaveLength(2)
    expect(agents.map((_, k) => agentConfig(joined, k))).toEqual(agents)
    expect(new Set(agents.map(populationKey)).size).toBe(1)
    expect(joinAgents([agents[0]])).toBe(agents[0])
  })

  it.each([
    ['hidden', { hidden: [3] }],
    ['targetKl', { targetKl: 0.1 }],
    ['envParams.gravity', { envParams: { gravity: { uniform: [1, 2] } } }],
  ])('do not differ in %s', (name, more) => {
    const agents = [own(1), own(2, more)]
    expect(new Set(agents.map(populationKey)).size).toBe(2)
    expect(() => joinAgents(agents)).toThrow(`config.${name}: agents with `)
  })
})

describe('a curve', () => {
  const row = (iteration: number) =>
    ({ iteration, timesteps: 10 * iteration, returnMean: iteration, episodicReturn: null }) as MetricsRow

  it('has at most 50 points, the last row among them, however often it was interrupted', () => {
    const [whole, second] = [new Curve(10, 1010), new Curve(10, 1010)]
    for (let i = 1; i <= 1010; i++) whole.add(row(i))
    expect(whole.list).toHaveLength(50)
    expect(whole.list.at(-1)).toEqual([10_100, 1010])
    const first = new Curve(10, 1010)
    for (let i = 11; i <= 517; i++) first.add(row(i))
    second.restore(first.list, 10)
    // The checkpoint is of some iterations before.
    for (let i = 500; i <= 1010; i++) second.add(row(i))
    expect(second.list).toEqual(whole.list)
  })

  it('keeps each row of a short rung that had a return', () => {
    const curve = new Curve(3, 8)
    for (let i = 1; i <= 9; i++) curve.add({ ...row(i), returnMean: i === 5 ? null : i })
    expect(curve.list.map(([timesteps]) => timesteps)).toEqual([40, 60, 70, 80])
  })
})
