/** One step of an environment, from the state in a dump. */
import { type EnvSpec, isPacked, seenDim } from '../../src/env/contract'
import { episodeParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { readState, readWord, stateWords } from '../../src/envcheck/state'
import { link } from '../../src/gpu/link'
import { reflectStruct, writeStruct, zerosOf } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { asActed } from '../../src/model/actions'
import { distributionOf } from '../../src/model/distributions/table'
import { criticDim } from '../../src/model/networkshape'
import { isNormalising, normaliserLayout } from '../../src/model/normaliser'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { FLAG, readMask } from '../../src/plan/transition'
import { seeState } from '../../src/reference/replay_envs'
import { actionForEnv } from '../../src/reference/step_envs'
import type { Runtime } from '../runtime/runtime'
import type { Dump, Replayed } from './dumpfile'

/** The step that led to the fault; null for a mask, and for an observation that came from a reset. */
function stepOf({ facts, record, floats }: Dump): number | null {
  const { buffer, step } = facts.notFinite
  if (buffer === 'masks') return null
  if (buffer !== 'obs') return step
  const flags = step > 0 ? floats('records')[(step - 1) * record.stride + record.flags] : 0
  return flags & FLAG.standsStill ? step - 1 : null
}

const globalStep = ({ facts, config }: Dump, step: number): number => (facts.iteration - 1) * config.numSteps + step

/** Global step of the first observation of the environment's episode. */
function resetStep({ facts, config, record, floats }: Dump): number {
  const flags = Array.from({ length: config.numSteps }, (_, t) => floats('records')[t * record.stride + record.flags])
  // An environment that stands still does so from the step that gave the value; its episode does not count that step.
  const stood = flags.findIndex((flag) => (flag & FLAG.standsStill) !== 0)
  const end = stood < 0 ? config.numSteps : stood
  return (facts.iteration - 1) * config.numSteps + end - (facts.episodicLength ?? 0)
}

const linked = ({ spec, config, layout }: Dump) => {
  const slots = {
    ...policySlots(layout.shape),
    ...envSlots(spec, {
      ...{ norm: config, scaleActions: config.scaleActions, rewards: config },
      frames: config.frameStack,
    }),
  }
  return { slots, code: link('shaders/step_envs.wgsl', SHADERS, slots).code }
}

export function envOnReference(dump: Dump): Replayed {
  const { config, facts, record, floats, words } = dump
  const spec = asActed(dump.spec, config)
  if (!spec.twin) return { part: 'the environment, which has no twin,', results: {} }
  const layout = stateWords(linked(dump).code)
  const state = readState(layout, words('env_state'), 0)
  const step = stepOf(dump)
  const obs = new Float64Array(seenDim(spec))
  const twin = spec.twin as {
    step: (...args: unknown[]) => { reward: number }
    mask: (...args: unknown[]) => void
  }
  const { config: own, facts: found } = dump
  const params = episodeParams(spec, own.envParams, own.seed, resetStep(dump), found.notFinite.env)
  if (step === null) {
    if (facts.notFinite.buffer === 'masks') {
      const mask = new Float64Array(dump.layout.shape.actionDim)
      twin.mask(state, mask, 0, params)
      return { part: 'env_mask', results: { masks: choicesOf(dump, mask) } }
    }
    seeState(spec as EnvSpec<typeof state>, state, obs, 0, params)
    return { part: 'env_observe', results: { obs } }
  }
  const action = actionForEnv(spec.actionSpace, floats('records'), step * record.stride + record.action)
  const rng = makeRng(config.seed, globalStep(dump, step), STREAM.ENV_STEP, facts.notFinite.env)
  const { reward } = twin.step(state, action, rng, params)
  seeState(spec as EnvSpec<typeof state>, state, obs, 0, params)
  return { part: 'env_step', results: { states: numbersIn(state), rewards: [reward], obs } }
}

/** How many choices a mask allows in each part; NaN if none. */
const choicesOf = ({ layout: { shape } }: Dump, mask: ArrayLike<number>): number[] => {
  let first = 0
  return distributionOf(shape).parts.map((n) => {
    const allowed = Array.from(mask)
      .slice(first, (first += n))
      .filter((entry) => entry !== 0).length
    return allowed || Number.NaN
  })
}

const numbersIn = (value: unknown): number[] =>
  typeof value === 'number' ? [value] : Object.values(value as object).flatMap(numbersIn)

/**
 * With the kernel of the layered plan, whose step all plans share; only one step, with the same number of environments.
 */
export async function envOnGpu(dump: Dump, runtime: Runtime): Promise<Replayed> {
  const { spec, config, facts, record, layout, floats, words } = dump
  const { slots, code } = linked(dump)
  const step = stepOf(dump)
  const { env } = facts.notFinite
  const numEnvs = env + 1
  const state = words('env_state')
  const envStates = new Uint32Array(numEnvs * state.length)
  envStates.set(state, env * state.length)
  const transitions = new Float32Array(2 * numEnvs * record.stride)
  const normaliser: Record<string, Float32Array> = isNormalising(config)
    ? { normaliser: normaliserFor(dump, numEnvs) }
    : {}
  const records = recordsOf(dump, numEnvs, step)
  const hyper = { hyper: paramRecords(code, spec, config.envParams) }
  const common = {
    env_states: envStates,
    transitions,
    stop: new Uint32Array(4),
    ...normaliser,
    ...(spec.params ? hyper : {}),
  }
  const sizes = { numEnvs, numSteps: 1, stopStride: 4 }
  const workgroups: [number, number, number] = [Math.ceil(numEnvs / 64), 1, 1]
  // Packed observations are whole numbers, and are no fault.
  const seenFloats = isPacked(spec) ? 0 : criticDim(layout.shape)
  const obsAt = (row: number) => row * record.stride + record.obs
  if (step === null) {
    const buffers = spec.params ? { ...common, ...records } : common
    const args = { ...sizes, isFirst: 1 }
    const run = { stem: 'observe_envs', slots, args, buffers, outputs: ['transitions'], workgroups }
    const after = await runtime.call('runKernel', run)
    if (facts.notFinite.buffer === 'masks') {
      const at = env * record.stride + record.mask
      const mask = readMask(after.transitions, at, record, layout.shape.actionDim)
      return { part: 'env_mask', results: { masks: choicesOf(dump, mask) } }
    }
    return { part: 'env_observe', results: { obs: after.transitions.subarray(obsAt(env), obsAt(env) + seenFloats) } }
  }
  const action = floats('records')
    .subarray(step * record.stride + record.action)
    .subarray(0, record.actionCount)
  transitions.set(action, env * record.stride + record.action)
  const after = await runtime.call('runKernel', {
    stem: 'step_envs',
    slots,
    args: { ...sizes, maxEpisodeSteps: 2 ** 24, step: 0 },
    buffers: {
      ...common,
      ...records,
      ...(isPacked(spec)
        ? { final_states: envStates.slice() }
        : { final_obs: new Float32Array(numEnvs * record.obsStride) }),
    },
    outputs: ['transitions', 'env_states'],
    workgroups,
  })
  const flags = after.transitions[env * record.stride + record.flags]
  // The kernel keeps the state before a failing step, and reports whether the state was the fault.
  const kept = stateWords(code).map((word) => readWord(word, after.env_states as Uint32Array, env * state.length))
  return {
    part: 'env_step',
    results: {
      states: flags & FLAG.stateNotFinite ? [Number.NaN] : kept,
      rewards: [after.transitions[env * record.stride + record.reward]],
      obs: after.transitions.subarray(obsAt(numEnvs + env), obsAt(numEnvs + env) + seenFloats),
    },
  }
}

/** The records of the agent and its environments: with one step per iteration, the iteration is the global step. */
function recordsOf(dump: Dump, numEnvs: number, step: number | null): Record<'progress' | 'episodes', Uint32Array> {
  const { config, facts } = dump
  const { code } = linked(dump)
  const [progress, episode] = ['Progress', 'Episode'].map((name) => reflectStruct(code, name))
  const iteration = step === null ? facts.iteration * config.numSteps : globalStep(dump, step)
  const progressBytes = new DataView(new ArrayBuffer(progress.size))
  writeStruct(progress, { ...zerosOf(progress), seed: config.seed, iteration }, progressBytes)
  const episodeBytes = new DataView(new ArrayBuffer(numEnvs * episode.size))
  const episodicLength = iteration - resetStep(dump)
  writeStruct(episode, { ...zerosOf(episode), episodicLength }, episodeBytes, (numEnvs - 1) * episode.size)
  return { progress: new Uint32Array(progressBytes.buffer), episodes: new Uint32Array(episodeBytes.buffer) }
}

/** The statistics of the dump, for this many environments without moments. */
function normaliserFor({ layout, floats }: Dump, numEnvs: number): Float32Array {
  const { agentFloats, envFloats } = normaliserLayout(criticDim(layout.shape))
  const data = new Float32Array(agentFloats + numEnvs * envFloats)
  data.set(floats('normaliser'))
  return data
}
