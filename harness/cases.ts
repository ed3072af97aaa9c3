/** The named cases of `bench`. */
import type { EnvSpec } from '../envs/env'
import { findEnv } from '../envs/registry'
import { type PpoConfig, type PpoOptions, presetOptions, resolveConfig } from '../src/config'

interface Case {
  env: string
  preset: string
  options: PpoOptions
  /** On a software adapter and on the CPU the batch is this many times smaller, and the case's name says so. */
  slowDivisor: number
  /** Iterations in each timed repeat: about a second on the software adapter. */
  iterations: number
}

export const CASES: Record<string, Case> = {
  'cartpole-cleanrl': { env: 'CartPole-v1', preset: 'cleanrl', options: {}, slowDivisor: 1, iterations: 12 },
  'cartpole-default': { env: 'CartPole-v1', preset: 'default', options: {}, slowDivisor: 1, iterations: 4 },
  'cartpole-wide': {
    env: 'CartPole-v1',
    preset: 'default',
    options: { numEnvs: 4096, numSteps: 32, numMinibatches: 4, updateEpochs: 4 },
    slowDivisor: 16,
    iterations: 1,
  },
}

export interface BenchCase {
  /** `cartpole-wide`, or `cartpole-wide/16` for the smaller one. */
  name: string
  spec: EnvSpec
  config: PpoConfig
  iterations: number
}

export function benchCase(name: string, slow: boolean): BenchCase {
  const { env, preset, options, slowDivisor, iterations } = CASES[name]
  const spec = findEnv(env)
  // Timed at a constant rate: no anneal that ends, no stop.
  const timed = { stopWhenSolved: false, annealLr: false, totalTimesteps: 2 ** 32 }
  const config = resolveConfig(presetOptions(spec, preset), { ...options, ...timed })
  if (!slow || slowDivisor === 1) return { name, spec, config, iterations }
  return {
    name: `${name}/${slowDivisor}`,
    spec,
    config: { ...config, numEnvs: config.numEnvs / slowDivisor },
    iterations,
  }
}
