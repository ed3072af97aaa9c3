/** Every pipeline of the product, once each: what an engine has to take. */
import { ENVS, findEnv } from '../../envs/registry'
import { collectPipelines, HARDWARE, type Subject } from '../../harness/compilereport/collect'
import type { PipelineRequest } from '../../harness/compilereport/compile'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { type EnvSpec, isPacked } from '../../src/env/contract'
import { link } from '../../src/gpu/link'
import { reflectBindings } from '../../src/gpu/reflect'
import { kernelPath, SHADERS } from '../../src/gpu/shaders'
import { networkShape } from '../../src/model/network'
import type { Adapter } from '../../src/plan/adapterclass'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { THREADS } from '../../src/run/tuning'
import { linkScene } from '../../src/scene/source'
import { choiceEnv } from '../support/choice_env'
import { GRID_RUNS } from '../support/grid_runs'
import { paramEnv } from '../support/param_env'

export interface Named extends PipelineRequest {
  /** What it is for, in words. */
  name: string
}

const TILES: Adapter = { ...HARDWARE, software: true }
const QUADS: Adapter = { ...TILES, quads: 1 }
const PLANS = ['fused', 'layered'] as const

/** The runs of an environment with some options, by both plans. */
const runs = (spec: EnvSpec, options: PpoOptions = {}, adapter = HARDWARE, more: Partial<Subject> = {}): Subject[] =>
  (isPacked(spec) ? (['layered'] as const) : PLANS).map((plan) => ({
    ...{ name: `${spec.id} ${JSON.stringify(options)}`, adapter, spec, preset: 'default' as const },
    options: { ...options, plan },
    takes: () => true,
    ...more,
  }))

const cartPole = findEnv('CartPole-v1')
const pendulum = findEnv('Pendulum-v1')
const choices = choiceEnv() as unknown as EnvSpec
/** Of each kind of action one. */
const KINDS = [cartPole, pendulum, choices]
const NORM: PpoOptions = { normObs: true, normReward: true }

/** Runs whose kernels differ: every environment, and for each kind of action the options that change a kernel's text. */
const SUBJECTS: Subject[] = [
  ...ENVS.flatMap((spec) => runs(spec)),
  ...[choices, paramEnv as unknown as EnvSpec].flatMap((spec) => runs(spec)),
  ...KINDS.flatMap((spec) => runs(spec, NORM)),
  ...KINDS.flatMap((spec) => runs(spec, {}, HARDWARE, { givenOrder: true })),
  ...runs(pendulum, { scaleActions: true }),
  ...runs(cartPole, {}, HARDWARE, { preset: 'cleanrl' }),
  ...[{ activation: 'silu' }, { sharedTrunk: true }, { hidden: [128, 128] }].flatMap((options) =>
    runs(cartPole, options as PpoOptions),
  ),
  ...GRID_RUNS.map(({ spec, options }): Subject => {
    const name = `${spec.observation!.storage}, ${options.network}`
    return { name, adapter: HARDWARE, spec, options, preset: 'default', takes: () => true }
  }),
  ...KINDS.flatMap((spec) => runs(spec, {}, TILES)),
  ...KINDS.flatMap((spec) => runs(spec, {}, QUADS)),
]

/** The kernels of check-env and `verify`. */
function checking(spec: EnvSpec): Named[] {
  const slots = { ...policySlots(networkShape(spec, resolveConfig({}, {}, spec))), ...envSlots(spec, { clip: false }) }
  return ['replay_envs', 'reset_draws'].map((stem) => {
    const { code } = link(kernelPath(stem), SHADERS, slots)
    const storage = reflectBindings(code).filter(({ group }) => group === 0)
    return { name: `${spec.id}, check-env`, stem, code, storage, constants: {} }
  })
}

/** The other numbers of threads that hardware tries before the first iteration. */
function tuned(pipeline: Named): Named[] {
  const { name, stem, constants } = pipeline
  const isTried = /^fused_/.test(stem) && /^CartPole-v1 {}$/.test(name) && constants.WORKGROUP === 64
  const others = isTried ? THREADS.filter((threads) => threads !== 64) : []
  return others.map((WORKGROUP) => ({ ...pipeline, constants: { ...constants, WORKGROUP } }))
}

/** What the lab draws an environment with; compiled alone, without the pipeline of its picture. */
const drawing = (spec: EnvSpec): Named => ({
  ...{ name: `${spec.id}, the lab`, stem: 'envs', moduleOnly: true, code: linkScene(spec), storage: [], constants: {} },
})

export function everyPipeline(): Named[] {
  const planned = collectPipelines(SUBJECTS).map(({ shapes, ...rest }): Named => ({ ...rest, name: shapes[0] }))
  const all = [...planned, ...planned.flatMap(tuned), ...ENVS.flatMap(checking)]
  return [...all, ...ENVS.map(drawing)]
}
