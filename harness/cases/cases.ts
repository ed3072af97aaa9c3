/** The named cases of `bench`. */

import { ENVS, findEnv } from '../../envs/registry'
import { type PpoConfig, type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import type { Unit } from '../protocol/protocol'

interface Case {
  /** For the help. */
  summary: string
  /** Default CartPole-v1. */
  env?: string
  preset: 'default' | 'cleanrl' | 'atari'
  options: PpoOptions
  unit: Unit
  /** On a software adapter and on the CPU the size is divided by this number, and the case's name says so. */
  slow?: { size: 'numEnvs' | 'numSteps' | 'numAgents'; software: number; cpu: number }
  /** Measured at several sizes; those that would take too long are skipped. */
  scaling?: PpoOptions[]
  /** In every environment, not only in CartPole-v1; its name is appended to the case's. */
  everyEnv?: true
  /** An earlier case, whose time predicts this one's. */
  like?: string
  /** Instead of these minibatch steps their convolutions, each beside a matmul of the same size. */
  convolutionsOf?: string[]
  /** Only the time to the first update, each time in a new browser. */
  firstUpdate?: true
}

const FOUR = { updateEpochs: 4, numMinibatches: 4 }
const WIDE = {
  preset: 'default',
  options: { numEnvs: 4096, numSteps: 32, ...FOUR },
  slow: { size: 'numEnvs', software: 16, cpu: 16 },
} as const

/** The network of MinAtar's authors on their Breakout. */
const MINATAR = {
  env: 'MinAtar/Breakout-v1',
  preset: 'default',
  options: { network: 'minatar', sharedTrunk: true, numEnvs: 64, numSteps: 128, numMinibatches: 8, updateEpochs: 4 },
} as const

/** The longest come last: on slow machines they are skipped. */
export const CASES: Record<string, Case> = {
  'cartpole-cleanrl': { summary: '4 x 128, as CleanRL', preset: 'cleanrl', options: {}, unit: 'iteration' },
  'cartpole-default': {
    summary: '32 x 64 in 8 minibatches, what `train` does',
    preset: 'default',
    options: {},
    unit: 'iteration',
  },
  'cartpole-wide': { summary: '4096 x 32', ...WIDE, unit: 'iteration' },
  'minibatch-step': {
    summary: 'forward, loss, backward, clip and Adam on 2,048 samples',
    preset: 'cleanrl',
    options: { numEnvs: 64, numSteps: 128, ...FOUR },
    unit: 'minibatch',
  },
  convolutions: {
    summary: 'each pass of the convolutions of minatar-step and nature-cnn, beside a matmul with the same M, N and K',
    preset: 'default',
    options: {},
    unit: 'minibatch',
    convolutionsOf: ['minatar-step', 'nature-cnn'],
  },
  'rollout-only': { summary: "cartpole-wide's rollout: steps, values, advantages", ...WIDE, unit: 'rollout' },
  'update-only': { summary: "cartpole-wide's 16 optimiser steps", ...WIDE, unit: 'update' },
  'first-update': {
    summary: 'from loading the page, in a new browser, to the first metrics of cartpole-default',
    preset: 'default',
    options: {},
    unit: 'iteration',
    firstUpdate: true,
  },
  'scaling-envs': {
    summary: '4 to 65,536 environments x 32 steps',
    preset: 'default',
    options: { numSteps: 32, ...FOUR },
    unit: 'iteration',
    scaling: Array.from({ length: 8 }, (_, i) => ({ numEnvs: 4 ** (i + 1) })),
  },
  'scaling-hidden': {
    summary: '4096 x 32, two layers of 16 to 256 units',
    ...WIDE,
    unit: 'iteration',
    slow: { size: 'numEnvs', software: 128, cpu: 128 },
    scaling: [16, 32, 64, 128, 256].map((width) => ({ hidden: [width, width] })),
  },
  'cartpole-population': {
    summary: '2048 agents x 4 x 128',
    preset: 'cleanrl',
    options: { numAgents: 2048 },
    unit: 'iteration',
    like: 'cartpole-cleanrl',
    // The CPU trains one agent after the other: more of them only take longer.
    slow: { size: 'numAgents', software: 16, cpu: 256 },
  },
  'minatar-breakout': {
    summary: 'MinAtar/Breakout-v1, 64 x 128 in 8 minibatches, a convolution and a dense layer',
    ...MINATAR,
    unit: 'iteration',
    slow: { size: 'numEnvs', software: 4, cpu: 16 },
  },
  'minatar-step': {
    summary: 'a minibatch step of minatar-breakout, 1,024 boards',
    ...MINATAR,
    unit: 'minibatch',
    slow: { size: 'numEnvs', software: 4, cpu: 4 },
  },
  'nature-cnn': {
    summary: 'a minibatch step on 256 stacks of four frames of BrickBreaker-v0, network nature',
    env: 'BrickBreaker-v0',
    preset: 'atari',
    options: {},
    unit: 'minibatch',
    slow: { size: 'numSteps', software: 16, cpu: 16 },
  },
  'env-step': {
    summary:
      'the environments alone, 4096 x 32 steps with random actions; beside it the original where Python has it, and MuJoCo',
    preset: 'default',
    options: { numEnvs: 4096, numSteps: 32, ...FOUR, network: 'mlp', hidden: [8] },
    unit: 'steps',
    everyEnv: true,
    slow: { size: 'numEnvs', software: 16, cpu: 512 },
  },
}

/** The cases of `bench --env`, in the environment that it names. */
export const ENV_CASES: Record<string, Case> = {
  'env-default': {
    summary: 'what `train` does with the preset of the environment',
    preset: 'default',
    options: {},
    unit: 'iteration',
  },
  'env-step': CASES['env-step'],
}

/** What one row measures: a case at one size. */
export interface BenchPoint {
  /** `cartpole-wide`, or `cartpole-wide/16` for the smaller one. */
  name: string
  spec: EnvSpec
  config: PpoConfig
  unit: Unit
  scaling: boolean
  firstUpdate: boolean
}

/** Measured at a constant rate, and no work is skipped: no annealing that ends, no stop. */
export const TIMED = { stopWhenSolved: false, annealLr: false, targetKl: null, totalTimesteps: 2 ** 32 }

/**
 * The sizes of a case, small ones first, for hardware, a software adapter or the CPU reference.
 * @param own The environment of `--env`.
 */
export function benchPoints(name: string, where: 'hardware' | 'software' | 'cpu', own?: EnvSpec): BenchPoint[] {
  if (own) return pointsOf(name, own, where, `${name} ${own.id}`)
  const { everyEnv, env = 'CartPole-v1', convolutionsOf } = CASES[name]
  if (convolutionsOf) return convolutionsOf.flatMap((one) => benchPoints(one, where))
  if (everyEnv) return ENVS.flatMap((spec) => pointsOf(name, spec, where, `${name} ${spec.id}`))
  return pointsOf(name, findEnv(env), where, name)
}

function pointsOf(name: string, spec: EnvSpec, where: 'hardware' | 'software' | 'cpu', title: string): BenchPoint[] {
  const { preset, options, unit, scaling, slow, firstUpdate = false } = CASES[name] ?? ENV_CASES[name]
  return (scaling ?? [{}]).map((size) => {
    const config = resolveConfig(presetOptions(spec, preset), { ...options, ...size, ...TIMED }, spec)
    const point = { name: title, spec, config, unit, scaling: scaling !== undefined, firstUpdate }
    if (where === 'hardware' || !slow) return point
    const divisor = slow[where]
    return { ...point, name: `${title}/${divisor}`, config: { ...config, [slow.size]: config[slow.size] / divisor } }
  })
}
