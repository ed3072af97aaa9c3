/**
 * Parameters of an environment on the GPU: set, swept, drawn for each episode, in both plans, compared with the
 * reference.
 */
import { describe, expect, test } from 'vitest'
import { compareStages } from '../../src/compare/stages'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn } from '../../src/envcheck/checkenv'
import { createReferencePpo } from '../../src/reference/ppo'
import { gpu } from '../support/gpu'
import { paramEnv } from '../support/param_env'
import { trainInPage } from '../support/train'

const TIMEOUT = 180_000
const spec = paramEnv as unknown as EnvSpec
const { twin: _, ...withoutTwin } = spec

const SMALL = { numEnvs: 6, numSteps: 12, numMinibatches: 2, updateEpochs: 2, hidden: [8], totalTimesteps: 6 * 12 * 3 }
const configOf = (options: PpoOptions): PpoConfig => resolveConfig({}, { ...SMALL, ...options }, spec)
const train = (config: PpoConfig, withoutSubgroups = false) =>
  trainInPage({ env: spec.id, spec: withoutTwin, config, withoutSubgroups })

const DRAWN: PpoOptions = {
  envParams: { push: { uniform: [-1, 3] }, flip: { uniform: [false, true] }, stepSize: { uniform: [0, 1] } },
}

describe.each([
  ['layered', false],
  ['fused', false],
  ['fused, by tiles', true],
] as const)('%s', (name, withoutSubgroups) => {
  const plan = name === 'layered' ? 'layered' : 'fused'

  test('drawn anew for each episode, as the reference draws them', { timeout: TIMEOUT }, async () => {
    for (const more of [{}, { normObs: true, normReward: true }]) {
      const config = configOf({ ...DRAWN, ...more, plan, seed: 3 })
      const { rows } = await train(config, withoutSubgroups)
      const reference = createReferencePpo(spec, config)
      const returns = new Set<number>()
      for (const row of rows[0]) {
        const [expected] = reference.iterate()
        expect(row.episodes).toBe(expected.episodes)
        for (const key of ['returnMean', 'returnMin', 'returnMax', 'lengthMean'] as const) {
          expect(row[key]).toBeCloseTo(expected[key]!, 4)
        }
        returns.add(row.returnMin!).add(row.returnMax!)
      }
      expect(rows[0]).toHaveLength(3)
      // Every episode has its own push.
      expect(returns.size).toBe(6)
    }
  })

  test('set, and swept over agents', { timeout: TIMEOUT }, async () => {
    const config = configOf({ envParams: { push: [-1, 0, 2], stepSize: 0 }, plan, numAgents: 3 })
    const { rows } = await train(config, withoutSubgroups)
    for (const [agent, push] of [-1, 0, 2].entries()) {
      for (const { episodes, returnMin, returnMax } of rows[agent]) {
        expect(episodes).toBeGreaterThan(0)
        // Episodes end at the time limit, after seven steps that each give `push`.
        expect([returnMin, returnMax]).toEqual([7 * push, 7 * push])
      }
    }
  })
})

test('an iteration taken apart agrees with the twin, with drawn parameters too', { timeout: TIMEOUT }, async () => {
  const config = configOf({ ...DRAWN, plan: 'layered', normObs: true })
  const dump = await (await gpu()).call('stages', { env: spec.id, spec: withoutTwin, config, warmup: 1 })
  expect(compareStages(spec, config, dump).filter(({ ok }) => !ok)).toEqual([])
  // The comparison fails if the twin has other values.
  const others = configOf({ plan: 'layered', normObs: true })
  const failed = compareStages(spec, others, dump).filter(({ ok }) => !ok)
  expect(failed.map(({ stage }) => stage)).toContain('rollout.obs')
})

describe('checkEnv', () => {
  const check = async (env: EnvSpec) => {
    const { call } = await gpu()
    return checkEnvOn((run) => call('runKernel', run), env, { numEnvs: 16, steps: 20 })
  }

  test('draws parameters from their whole range', async () => {
    const { ok, problems, ranges } = await check(spec)
    expect(problems).toEqual([])
    expect(ok).toBe(true)
    const push = ranges.find(({ name }) => name.includes('push'))!
    expect(push.min).toBeLessThan(-0.8)
    expect(push.max).toBeGreaterThan(2.8)
  })

  test('finds a twin that does not look at one, and one that takes the wrong one', async () => {
    const deaf: EnvSpec = { ...spec, twin: { ...spec.twin!, observe: ({ x }, obs, at) => obs.set([x, 0.5, 0], at) } }
    expect((await check(deaf)).problems.map(({ message }) => message).join()).toMatch(/observation 1 \(push\)/)
    const swapped: EnvSpec = { ...spec, wgsl: spec.wgsl.replace('* params.step_size', '* params.push') }
    expect((await check(swapped)).problems.map(({ message }) => message).join()).toMatch(/state\.x/)
  })
})
