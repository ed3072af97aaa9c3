/** Training on grids, with frames that are stacked: the GPU against the reference, resumed runs, solo runs. */
import { describe, expect, test } from 'vitest'
import { replayDumpGpu, replayDumpReference } from '../../harness/verify/dump'
import { readDump } from '../../harness/verify/dumpfile'
import { compareStages } from '../../src/compare/stages'
import type { PpoOptions } from '../../src/config/config'
import type { AnyEnvSpec, EnvTwin, GridStorage } from '../../src/env/contract'
import { readSafetensors } from '../../src/files/safetensors'
import { gpu } from '../support/gpu'
import { gridEnv } from '../support/grid_env'
import { differences } from '../support/train'
import { BATCH, configOf, expectReference, reference, TIMEOUT, train } from './grids'

const CASES: [GridStorage, frames: number, plan: 'layered' | 'fused'][] = [
  ['f32', 1, 'layered'],
  ['f32', 3, 'layered'],
  ['bits', 1, 'layered'],
  ['bits', 3, 'layered'],
  ['bytes', 1, 'layered'],
  ['bytes', 3, 'layered'],
  ['bits', 3, 'fused'],
  ['bytes', 1, 'fused'],
]
/** Of fused ones, whose reward cannot be normalised. */
const FUSED: PpoOptions = { network: 'conv(5,2),relu,flatten,dense(7),tanh' }

describe.each(CASES)('a grid of %s, %i frames, %s', { timeout: TIMEOUT }, (storage, frameStack, plan) => {
  const env = gridEnv(storage)
  const options: PpoOptions = { frameStack, plan, numAgents: 2, ...(plan === 'fused' ? FUSED : {}) }

  test('the weights and rows of the reference, with episodes that end and that the time limit cuts', async () => {
    const got = await train(env, options)
    expect(got.plan).toBe(plan)
    const want = reference(env, options)
    expect(want.rows.flat().some(({ episodes }) => episodes > 5)).toBe(true)
    expectReference(got, want)
    // Controls: without the value of the last observations, and with other frames, the result is different.
    expect(() => expectReference(got, reference(env, { ...options, bootstrapTruncated: false }))).toThrow()
    const still = gridEnv(storage, [3, 5, 3], { maxEpisodeSteps: 8 })
    expect(() => expectReference(got, reference(still, options))).toThrow()
  })

  test('stopping and going on gives the same bits, and so does agent 1 alone', async () => {
    const whole = await train(env, options, {}, 3)
    const first = await train(env, options, { untilTimesteps: BATCH }, 3)
    const rest = await train(env, options, { from: first.checkpoint }, 3)
    expect(differences(rest.params, whole.params)).toEqual([])
    expect(rest.rows.map((rows) => rows.at(-1))).toEqual(whole.rows.map((rows) => rows.at(-1)))
    const solo = await train(env, { ...options, numAgents: 1, seed: 4 }, {}, 3)
    expect(differences(whole.params.slice(whole.params.length / 2), solo.params)).toEqual([])
    expect(solo.rows[0]).toEqual(whole.rows[1])
  })
})

test.each(CASES)(
  'compare: every stage of %s, %i frames, %s, agrees, and a wrong frame is seen',
  { timeout: TIMEOUT },
  async (storage, frameStack, plan) => {
    const env = gridEnv(storage)
    const { twin: _, ...spec } = env
    const config = configOf(env, { frameStack, plan, ...(plan === 'fused' ? FUSED : { normReward: true }) })
    const dump = await (await gpu()).call('stages', { env: env.id, spec, config, warmup: 1 })
    expect(compareStages(env, config, dump).filter(({ ok }) => !ok)).toEqual([])
    const stages = compareStages(env, config, { ...dump, obs: dump.obs.map((x, i) => (i === 3 ? 1 - x : x)) })
    expect(stages.filter(({ ok }) => !ok).map(({ stage }) => stage)).toContain('rollout.obs')
  },
)

test('convolutions on stacks of bits, with a shared trunk, learn as the reference', { timeout: TIMEOUT }, async () => {
  const env = gridEnv('bits', [4, 5, 3])
  const network = 'conv(5,3),relu,flatten,dense(8),tanh'
  const options = { frameStack: 2, network, sharedTrunk: true, numAgents: 2 }
  const got = await train(env, options)
  expectReference(got, reference(env, options))
})

describe('a fault', { timeout: TIMEOUT }, () => {
  const diverging = {
    activation: 'relu',
    hidden: Array(12).fill(8),
    learningRate: 10,
    annealLr: false,
    maxGradNorm: 1e9,
  }
  const failing = (storage: GridStorage) => {
    const env = gridEnv(storage)
    const [reward, wrong] = ['f32((*state).place % 3u) - 1.0', 'sqrt(3.0 - f32((*state).time))']
    expect(env.wgsl).toContain(reward)
    const step: EnvTwin<never>['step'] = (state, action, rng) => {
      const { terminated } = (env.twin as EnvTwin<never>).step(state, action, rng)
      return { reward: Math.sqrt(3 - (state as { time: number }).time), terminated }
    }
    return { ...env, wgsl: env.wgsl.replace(reward, wrong), twin: { ...env.twin!, step } }
  }

  test.each<[string, AnyEnvSpec, PpoOptions, RegExp]>([
    [
      'of the network on bits',
      gridEnv('bits'),
      diverging as PpoOptions,
      /^(logits|values|advantages|gradients|parameters)$/,
    ],
    ['of the network on stacked bytes', gridEnv('bytes'), { ...diverging, frameStack: 3 } as PpoOptions, /./],
    ['of a reward with bits', failing('bits'), {}, /^rewards$/],
    ['of a reward in the fused plan', failing('bits'), { ...FUSED, plan: 'fused' }, /^rewards$/],
    ['of a reward with stacked floats', failing('f32'), { frameStack: 2 }, /^rewards$/],
  ])('%s stops the agent; its dump reproduces it', async (_, env, options, buffer) => {
    const got = await train(env, { plan: 'layered', ...options }, {}, 6)
    const row = got.rows[0].at(-1)!
    expect(row.status).toBe('notFinite')
    expect(row.notFinite!.buffer).toMatch(buffer)
    const [dumped] = got.events.flatMap((event) => (event.type === 'dump' ? [event] : []))
    const dump = readDump(readSafetensors(dumped.bytes), env)
    const sides = [...replayDumpReference(dump), ...(await replayDumpGpu(dump, await gpu()))]
    for (const { ok, worst } of sides) expect(ok, worst).toBe(true)
    expect(sides.at(-1)!.worst).toContain('; reproduced: ')
  })
})
