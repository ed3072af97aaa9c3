/** A critic that sees more than the actor, on the GPU: checked, stage by stage, whole runs, resumed, dumped. */
import { describe, expect, test } from 'vitest'
import { replayDumpGpu, replayDumpReference } from '../../harness/verify/dump'
import { readDump } from '../../harness/verify/dumpfile'
import { compareStages } from '../../src/compare/stages'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import { readSafetensors } from '../../src/files/safetensors'
import type { RunKernel } from '../../src/gpu/once'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { recordLayout } from '../../src/plan/transition'
import { createReferencePpo } from '../../src/reference/ppo'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { windEnv } from '../support/privileged_env'
import { differences, type Trained, trainInPage } from '../support/train'

const TIMEOUT = 600_000
const env = windEnv() as unknown as EnvSpec
const onPage: RunKernel = async (run) => (await gpu()).call('runKernel', run)

const ITERATIONS = 3
/** Sizes that divide nothing: 5 environments, 14 steps of episodes of at most 9, widths of 7 and 6. */
const configOf = (options: PpoOptions = {}, spec: EnvSpec = env) => {
  const sizes = { numEnvs: 5, numSteps: 14, numMinibatches: 2, updateEpochs: 2, actorHidden: [7], criticHidden: [6, 9] }
  return resolveConfig(
    {},
    { ...sizes, totalTimesteps: ITERATIONS * 5 * 14, plan: 'layered', seed: 3, ...options },
    spec,
  )
}
const { twin: _, ...withoutTwin } = env
const args = (options: PpoOptions = {}) => ({ env: env.id, spec: withoutTwin, config: configOf(options) })

const DRAWN: PpoOptions = { envParams: { strength: { uniform: [0.5, 2] } } }
const NORMALISED: PpoOptions = { ...DRAWN, normObs: true, normReward: true, bootstrapTruncated: true }

describe('check-env', () => {
  const problemsOf = async (spec: object) => {
    const report = await checkEnvOn(onPage, { ...env, ...spec } as EnvSpec, { numEnvs: 16, steps: 30 })
    return { report, text: report.problems.map(({ message }) => message).join('\n') }
  }

  test('takes it, and tells the range of what only the critic sees', async () => {
    const { report } = await problemsOf({})
    expect(report.problems, envReportText(report)).toEqual([])
    expect(report.ranges.map(({ name }) => name)).toContain('privileged 0 (wind)')
    expect(report.terminated + report.truncated).toBeGreaterThan(16)
  })

  test('finds a twin that differs, does not write all, and a kernel whose number is not finite', async () => {
    const other = (privileged: unknown) => problemsOf({ twin: { ...env.twin!, privileged } })
    const differs = await other(({ wind, gust }: Record<string, number>, out: Float64Array, offset: number) =>
      out.set([2 * wind, gust], offset),
    )
    expect(differs.text).toMatch(/privileged 0 \(wind\): kernel .*, twin /)
    const unwritten = await other(({ wind }: Record<string, number>, out: Float64Array, offset: number) => {
      out[offset] = wind
    })
    expect(unwritten.text).toContain('twin.privileged: entry 1 is not written, or is NaN. Write out[offset + 1].')
    const kernel = await problemsOf({
      wgsl: env.wgsl.replace('state.gust)', 'state.gust * 3e38 * 1e3)'),
      twin: undefined,
    })
    expect(kernel.text).toMatch(
      /privileged 1 \(gust\) is (NaN|-?Infinity).*env_privileged \(test\/support\/privileged_env.wgsl:/,
    )
  })
})

test.each<[string, PpoOptions]>([
  ['as it is', {}],
  ['drawn parameters, normalised', NORMALISED],
  ['layer norm first', { network: 'layer_norm,dense(9),elu', actorHidden: null, criticHidden: null }],
])('stage by stage, as `compare` does it: %s', { timeout: TIMEOUT }, async (_, options) => {
  const config = configOf(options)
  const dump = await (await gpu()).call('stages', { ...args(options), config, warmup: 1 })
  const stages = compareStages(env, config, dump)
  expect(stages.filter(({ ok }) => !ok)).toEqual([])
  expect(stages.length).toBeGreaterThan(20)
  // Control: the critic of the reference that sees another wind has other values.
  const { twin } = env
  const still = {
    ...env,
    twin: { ...twin!, privileged: (_: unknown, out: Float64Array, at: number) => out.fill(0, at, at + 2) },
  }
  const wrong = compareStages(still as EnvSpec, config, dump).filter(({ ok }) => !ok)
  expect(wrong.map(({ stage }) => stage)).toContain('rollout.obs')
})

test('records hold all that the critic sees, and again what the actor sees', { timeout: TIMEOUT }, async () => {
  const config = configOf(NORMALISED)
  const dump = await (await gpu()).call('stages', { ...args(NORMALISED), config, warmup: 1 })
  const record = recordLayout(networkShape(env, config))
  expect([record.obsStride, record.stride - record.actorObs]).toEqual([8, 4])
  for (let at = 0; at < dump.transitions.length; at += record.stride) {
    const [seen, own] = [record.obs, record.actorObs].map((field) => [
      ...dump.transitions.subarray(at + field, at + field + 8),
    ])
    expect(own.slice(0, 3)).toEqual(seen.slice(0, 3))
    expect(own[3]).toBe(0)
    expect(seen.slice(5)).toEqual([0, 0, 0])
    expect(seen.slice(3, 5).every((x) => x !== 0)).toBe(true)
  }
})

/** What reference and GPU say of the dump of a run. */
async function replayed({ events }: Trained, spec: EnvSpec): Promise<(string | undefined)[]> {
  const [dumped] = events.flatMap((event) => (event.type === 'dump' ? [event] : []))
  const dump = readDump(readSafetensors(dumped.bytes), spec)
  const sides = [...replayDumpReference(dump), ...(await replayDumpGpu(dump, await gpu()))]
  return sides.map(({ worst }) => worst)
}

test('one that is not finite is a fault, which its dump reproduces', { timeout: TIMEOUT }, async () => {
  const far = 'state.gust + select(0.0, 3e38, state.x > 0.75) * 3e38)'
  const privileged: NonNullable<EnvSpec['twin']>['privileged'] = ({ x, gust }, out, offset) =>
    out.set([0, x > 0.75 ? Number.POSITIVE_INFINITY : gust], offset)
  const broken: EnvSpec = {
    ...env,
    wgsl: env.wgsl.replace('state.gust)', far).replace('2.0 * state.wind * params.strength', '0.0'),
    twin: { ...env.twin!, privileged },
  }
  const { twin: _, ...spec } = broken
  const config = configOf({ normObs: true })
  const [row] = createReferencePpo(broken, config).iterate()
  expect(row).toMatchObject({ status: 'notFinite', notFinite: { buffer: 'obs' } })
  const got = await trainInPage({ env: env.id, spec, config })
  expect(got.rows[0].at(-1)).toMatchObject({ status: 'notFinite', notFinite: row.notFinite })
  expect(await replayed(got, broken)).toEqual(Array(2).fill('; reproduced: env_step gives Infinity in obs'))
})

test('the dump of an update that leads to one reproduces it', { timeout: TIMEOUT }, async () => {
  const spec = { ...withoutTwin, wgsl: env.wgsl.replace('StepResult(wind', 'StepResult(1e30 * wind') }
  const got = await trainInPage({ env: env.id, spec, config: configOf({ normObs: true }) })
  expect(got.rows[0].at(-1)).toMatchObject({ status: 'notFinite', notFinite: { buffer: 'gradients' } })
  const sides = await replayed(got, env)
  expect(sides).toEqual(Array(2).fill('; reproduced: the gradient of the minibatch gives Infinity in gradients'))
})

describe('whole runs', { timeout: TIMEOUT }, () => {
  const reference = (spec: EnvSpec, options: PpoOptions) => {
    const ppo = createReferencePpo(spec, configOf(options, spec))
    return { rows: Array.from({ length: ITERATIONS }, () => ppo.iterate()[0]), params: ppo.params(0), ppo }
  }

  test.each<[string, PpoOptions]>([
    ['as it is', {}],
    ['drawn parameters, normalised, evaluated', { ...NORMALISED, evalEvery: 2, evalEpisodes: 3 }],
  ])('%s: the weights, statistics and rows of the reference', async (_, options) => {
    const got = await trainInPage(args(options))
    const want = reference(env, options)
    expect(got.plan).toBe('layered')
    // 12 steps of Adam of at most 2.5e-4, whose direction is right to some 1e-3 where a gradient is near 0.
    expectClose('params', got.params, want.params, { atol: 1e-5 })
    want.rows.forEach((row, i) => {
      expect(got.rows[0][i]).toMatchObject({ status: row.status, episodes: row.episodes, updates: 4 })
      for (const field of ['vLoss', 'explainedVariance', 'evalReturnMean'] as const) {
        if (row[field] !== null) expectClose(field, [got.rows[0][i][field]!], [row[field]!], { atol: 1e-4, rtol: 1e-4 })
      }
    })
    if (!options.normObs) return
    const [stats, wanted] = [got.normalisers[0]!.obs!, want.ppo.agents[0].normaliser!.stats.obs!]
    expect(stats.mean).toHaveLength(5)
    expectClose('mean', stats.mean, wanted.mean, { atol: 1e-5, rtol: 1e-5 })
    expectClose('variance', stats.variance, wanted.variance, { atol: 1e-5, rtol: 1e-5 })
  })

  test('two agents, saved after each iteration, go on to the same bits', async () => {
    const options = { ...NORMALISED, numAgents: 2 }
    const whole = await trainInPage({ ...args(options), checkpointEvery: { iterations: 1 } })
    const saved = whole.events.flatMap((event) => (event.type === 'checkpoint' ? [event.bytes] : []))
    expect(saved.length).toBeGreaterThan(0)
    const rest = await trainInPage({ ...args(options), from: saved[0] })
    expect(differences(rest.params, whole.params)).toEqual([])
    expect(rest.normalisers).toEqual(whole.normalisers)
    expect(rest.rows[0].at(-1)).toEqual(whole.rows[0].at(-1))
    const alone = await trainInPage(args({ ...NORMALISED, seed: 4 }))
    const { paramStride } = layoutNetwork(networkShape(env, configOf()))
    expect(differences(alone.params, whole.params.slice(paramStride))).toEqual([])
  })

  test('auto takes the layered plan; fused, and a shared trunk, are refused', async () => {
    expect((await trainInPage(args({ plan: 'auto' }))).plan).toBe('layered')
    await expect(trainInPage(args({ plan: 'fused' }))).rejects.toThrow(
      'config.plan: the fused plan cannot take this network: privileged observations, which it cannot give to the critic alone. Use plan auto or layered.',
    )
    expect(() => configOf({ sharedTrunk: true, actorHidden: null, criticHidden: null })).toThrow(
      'config.sharedTrunk: true, but only the critic of Wind-v0 sees wind, gust',
    )
  })
})
