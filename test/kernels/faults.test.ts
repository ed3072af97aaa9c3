import { describe, expect, test } from 'vitest'
import { replayDumpGpu, replayDumpReference } from '../../harness/verify/dump'
import { readDump } from '../../harness/verify/dumpfile'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { readSafetensors } from '../../src/files/safetensors'
import type { MetricsRow, NotFinite } from '../../src/metrics'
import { initParams } from '../../src/model/init'
import { isNormalising } from '../../src/model/normaliser'
import { stateIsFinite } from '../../src/reference/faults'
import { createReferencePpo, layoutFor } from '../../src/reference/ppo'
import { resetEnv } from '../../src/reference/reset_envs'
import { FAULTS, faultyEnv, faultySpec } from '../support/faulty_env'
import { gpu } from '../support/gpu'
import { trainInPage } from '../support/train'

const TIMEOUT = 180_000
const NUM_STEPS = 8
const ITERATIONS = 3
const AGENTS = 20

const configOf = (options: PpoOptions = {}) => {
  const sizes = { numEnvs: 2, numSteps: NUM_STEPS, numMinibatches: 2, updateEpochs: 2, hidden: [8] }
  return resolveConfig({}, { ...sizes, totalTimesteps: ITERATIONS * 2 * NUM_STEPS, ...options })
}

/** From the draws of an agent's environments: the iteration in which it must stop, and the reported fault. */
function expectedOf(config: PpoConfig, seed: number): { iteration: number; notFinite: NotFinite } | null {
  const faults = Array.from({ length: config.numEnvs }, (_, env) => {
    const { at, kind } = resetEnv(faultyEnv, seed, 0, env).state
    const [buffer] = FAULTS[kind]
    const iteration = Math.floor(at / NUM_STEPS) + 1
    // Slot t has the observation before step t: a bad one of step t is in slot t + 1.
    return { iteration, notFinite: { buffer, step: (at % NUM_STEPS) + Number(buffer === 'obs'), env } }
  })
  const [first] = faults.sort((a, b) => a.iteration - b.iteration || a.notFinite.step - b.notFinite.step)
  return first.iteration <= ITERATIONS ? first : null
}

async function train(config: PpoConfig, withoutSubgroups = false) {
  const result = await trainInPage({ env: faultySpec.id, spec: faultySpec, config, withoutSubgroups })
  const stride = result.params.length / config.numAgents
  return { ...result, paramsOf: (agent: number) => result.params.slice(agent * stride, (agent + 1) * stride) }
}

/** The last row of each agent agrees with the draws. */
function expectFaults(config: PpoConfig, rows: MetricsRow[][]): void {
  const got = rows
    .map((own) => own.at(-1)!)
    .map(({ iteration, status, notFinite }) => ({ iteration, status, notFinite }))
  const want = rows.map((_, agent) => {
    const fault = expectedOf(config, config.seed + agent)
    return fault ? { ...fault, status: 'notFinite' } : { iteration: ITERATIONS, status: 'finished', notFinite: null }
  })
  expect(got).toEqual(want)
}

const population = configOf({ seed: 1, numAgents: AGENTS })

test('the seeds draw every fault, in every iteration, and some none', () => {
  const faults = Array.from({ length: AGENTS }, (_, agent) => expectedOf(population, population.seed + agent))
  const found = faults.flatMap((fault) => fault ?? [])
  expect(new Set(found.map(({ notFinite }) => notFinite.buffer))).toEqual(new Set(FAULTS.map(([buffer]) => buffer)))
  expect(new Set(found.map(({ iteration }) => iteration))).toEqual(new Set([1, 2, 3]))
  expect(faults.filter((fault) => fault === null).length).toBeGreaterThan(2)
})

test.each([{}, { normObs: true, normReward: true }])('the reference stops where the draws say: %o', (options) => {
  const config = configOf({ ...options, seed: 1, numAgents: AGENTS })
  const ppo = createReferencePpo(faultyEnv as unknown as EnvSpec, config)
  let rows: MetricsRow[] = []
  while (!ppo.done) rows = ppo.iterate()
  expectFaults(
    config,
    rows.map((row) => [row]),
  )
  for (const { normaliser } of ppo.agents) {
    expect(stateIsFinite(normaliser?.stats)).toBe(true)
  }
})

describe.each([
  ['layered', { plan: 'layered' }, false],
  ['fused, by quads', { plan: 'fused' }, false],
  ['fused, by tiles', { plan: 'fused', normObs: true, normReward: true }, true],
] as [string, Partial<PpoConfig>, boolean][])('%s', (_, options, withoutSubgroups) => {
  test('each agent stops where the draws say, and keeps its weights; the others have the bits of solo runs', {
    timeout: TIMEOUT,
  }, async () => {
    const config = { ...population, ...options }
    const many = await train(config, withoutSubgroups)
    expectFaults(config, many.rows)
    expect(many.params.every(Number.isFinite)).toBe(true)
    const layout = layoutFor(faultyEnv as unknown as EnvSpec, config)
    let untouched = 0
    many.rows.forEach((rows, agent) => {
      if (rows.length > 1 || rows[0].status !== 'notFinite') return
      const first = new Float32Array(initParams(layout, { ...config, seed: config.seed + agent }))
      expect(many.paramsOf(agent)).toEqual(first)
      expect(rows[0]).toMatchObject({ updates: 0, minibatches: 0, explainedVariance: null })
      untouched++
    })
    expect(untouched).toBeGreaterThan(2)
    const healthy = many.rows.findIndex((rows) => rows.at(-1)!.status === 'finished')
    const solo = await train({ ...config, numAgents: 1, seed: config.seed + healthy }, withoutSubgroups)
    expect(solo.params).toEqual(many.paramsOf(healthy))
    expect(solo.rows[0]).toEqual(many.rows[healthy])
    // Every dump, replayed alone, gives the reported fault on both sides.
    const dumps = many.events.flatMap((event) => (event.type === 'dump' ? [event] : []))
    expect(dumps.length).toBeGreaterThan(3)
    for (const { agent, bytes } of dumps) {
      const dump = readDump(readSafetensors(bytes), faultyEnv as unknown as EnvSpec)
      expect(dump.facts).toMatchObject({ agent, notFinite: many.rows[agent].at(-1)!.notFinite })
      const [reference] = replayDumpReference(dump)
      const [gpuSide] = await replayDumpGpu(dump, await gpu())
      expect([reference.worst, gpuSide.worst]).toEqual(Array(2).fill(expect.stringContaining('; reproduced: env_')))
      expect(gpuSide.ok).toBe(true)
      if (isNormalising(config)) continue
      // Control: from a state without a fault nothing is reproduced.
      const words = dump.words('env_state').map((_, i) => i)
      expect((await replayDumpGpu({ ...dump, words: () => words }, await gpu()))[0].ok).toBe(false)
    }
    for (const stats of many.normalisers) {
      expect(stateIsFinite(stats)).toBe(true)
    }
  })
})
