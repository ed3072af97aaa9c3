/**
 * Runs on an adapter with the limits that every adapter has, and with those of a phone in compatibility mode: every
 * environment, plan and kind of action fits, or the error names the limit. On such a device: test/kernels/portable.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import { ENVS } from '../../envs/registry'
import { ConfigError, type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import { type EnvSpec, isPacked } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { type Adapter, ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { planToFit } from '../../src/run/limits'
import { choiceEnv } from '../support/choice_env'

const ADAPTERS: [name: string, adapter: Omit<Adapter, 'limits'>][] = [
  ['hardware', { software: false, quads: 0 }],
  ['SwiftShader', { software: true, quads: 1 }],
  ['SwiftShader without subgroups', { software: true, quads: 0 }],
]
const choices = choiceEnv() as unknown as EnvSpec

function plan(
  spec: EnvSpec,
  options: PpoOptions,
  adapter: Omit<Adapter, 'limits'>,
  limits: Partial<Adapter['limits']> = {},
) {
  const config = resolveConfig(presetOptions(spec, 'default'), options, spec)
  const asked = { spec, config, shape: networkShape(spec, config), iterationsPerSubmit: 'auto' as const }
  return planToFit({ ...adapter, limits: { ...ORDINARY_LIMITS, ...limits } }, asked)
}

describe.each(ADAPTERS)('the ordinary limits, %s', (_, adapter) => {
  test.each(ENVS.map((spec) => [spec.id, spec] as const))('%s', (_, spec) => {
    for (const wanted of isPacked(spec) ? (['layered'] as const) : (['fused', 'layered'] as const)) {
      expect(plan(spec, { plan: wanted }, adapter).plan).toBe(wanted)
      // With the 128 threads of compatibility mode too.
      expect(plan(spec, { plan: wanted }, adapter, { maxComputeInvocationsPerWorkgroup: 128 }).plan).toBe(wanted)
    }
  })

  test.each([
    ['discrete', cartPole, {}],
    ['box', pendulum, {}],
    ['several choices, masked', choices, {}],
    ['a shared trunk', cartPole, { sharedTrunk: true }],
    ['a shared trunk, box', pendulum, { sharedTrunk: true }],
    ['normalised', pendulum, { normObs: true, normReward: true }],
    ['the penalty', cartPole, { algorithm: 'penalty', targetKl: 0.01 }],
    ['the penalty, box', pendulum, { algorithm: 'penalty', targetKl: 0.01 }],
    ['silu', cartPole, { activation: 'silu' }],
    ['several agents', cartPole, { numAgents: 16 }],
    ['everything', choices, { sharedTrunk: true, normObs: true, normReward: true, numAgents: 4, activation: 'silu' }],
  ] as [string, EnvSpec, PpoOptions][])('%s', (_, spec, options) => {
    for (const wanted of ['fused', 'layered'] as const) {
      expect(plan(spec, { ...options, plan: wanted }, adapter).plan).toBe(wanted)
    }
  })

  test('the widest network that the fused plan takes, and a wide one in the layered plan', () => {
    expect(plan(cartPole, { hidden: [128, 128], plan: 'fused' }, adapter).fused).not.toBeNull()
    expect(plan(cartPole, { hidden: [512, 512], plan: 'auto' }, adapter).plan).toBe('layered')
  })
})

test('four storage buffers, of compatibility mode, are too few, and the error says so', () => {
  for (const [, adapter] of ADAPTERS) {
    for (const wanted of ['fused', 'layered'] as const) {
      const refused = () => plan(cartPole, { plan: wanted }, adapter, { maxStorageBuffersPerShaderStage: 4 })
      expect(refused).toThrow(ConfigError)
      expect(refused).toThrow(
        /needs \d storage buffers, and the adapter's maxStorageBuffersPerShaderStage is 4 .* No option changes that: WebGPU's ordinary limit is 8, and compatibility mode/,
      )
    }
  }
})

test('what fits a desktop and not the 128 MiB of a phone has options that fit', () => {
  const large = { numEnvs: 16_384, numSteps: 256, totalTimesteps: 2 ** 24 }
  const gigabytes = { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 32 - 4 }
  const [, hardware] = ADAPTERS[0]
  expect(plan(cartPole, large, hardware, gigabytes).plan).toBe('fused')
  expect(() => plan(cartPole, large, hardware)).toThrow(
    /^config\.numEnvs: the buffer transitions needs \d+ bytes, and the adapter's maxStorageBufferBindingSize is 134217728 .* Use numEnvs at most \d+, or numSteps at most \d+/,
  )
})
