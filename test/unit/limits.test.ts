import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import { ConfigError, derivedSizes, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkWorkgroups } from '../../src/gpu/dispatch'
import { networkShape } from '../../src/model/network'
import type { Adapter } from '../../src/plan/adapterclass'
import type { PlanOptions } from '../../src/plan/runplan'
import { outOfMemory, planToFit } from '../../src/run/limits'

const MIB = 2 ** 20
/** The limits that every adapter has. */
const PORTABLE: Adapter['limits'] = {
  maxBufferSize: 256 * MIB,
  maxStorageBufferBindingSize: 128 * MIB,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65535,
  minUniformBufferOffsetAlignment: 256,
}
const hardware = (limits: Partial<Adapter['limits']> = {}): Adapter => ({
  ...{ software: false, quads: 0 },
  limits: { ...PORTABLE, ...limits },
})
const software = (limits: Partial<Adapter['limits']> = {}): Adapter => ({
  ...hardware({ maxComputeWorkgroupStorageSize: 32768, ...limits }),
  ...{ software: true, quads: 1 },
})

function run(options: PpoOptions, spec: EnvSpec = cartPole): PlanOptions {
  const config = resolveConfig({ totalTimesteps: 2 ** 24 }, options, spec)
  return { spec, config, shape: networkShape(spec, config), iterationsPerSubmit: 'auto' }
}

/** `options` with another value of `option`. */
function changed({ spec, config }: PlanOptions, option: string, value: number | string): PlanOptions {
  const narrow = (hidden: number[]) => hidden.map((width) => Math.min(width, value as number))
  if (option !== 'hidden') return run({ ...config, [option]: value }, spec!)
  const { hidden, actorHidden, criticHidden } = config
  const [actor, critic] = [actorHidden ?? hidden, criticHidden ?? hidden].map(narrow)
  return run({ ...config, hidden: narrow(hidden), actorHidden: actor, criticHidden: critic }, spec!)
}

/** The next larger value that a configuration may have: it keeps whole minibatches. */
function nextValue({ config }: PlanOptions, option: string, value: number): number {
  const whole = (next: number): boolean => {
    const { batchSize } = derivedSizes({ ...config, [option]: next })
    return batchSize % (option === 'numMinibatches' ? next : config.numMinibatches) === 0
  }
  let next = value + 1
  while (!whole(next)) next++
  return next
}

/** The suggestions in an error message: option and value. */
const offers = (message: string): [string, string][] =>
  [...message.matchAll(/(?:Use|or) (\w+) (?:at most )?(\w+)(?=[,.])/g)].map(([, option, value]) => [option, value])

function refusal(adapter: Adapter, options: PlanOptions): Error | null {
  try {
    planToFit(adapter, options)
    return null
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as Error
  }
}

/** Every suggested value fits, and the next larger one does not. Returns the suggested options. */
function checkOffers(adapter: Adapter, options: PlanOptions, message: string): string[] {
  const offered = offers(message)
  for (const [option, text] of offered) {
    const value = option === 'plan' ? text : Number(text)
    expect(refusal(adapter, changed(options, option, value)), `${option} ${value} of: ${message}`).toBeNull()
    if (typeof value === 'string') continue
    const next = nextValue(options, option, value)
    expect(refusal(adapter, changed(options, option, next)), `${option} ${next} of: ${message}`).not.toBeNull()
  }
  return offered.map(([option]) => option)
}

describe('a run that does not fit', () => {
  it('names the buffer, the limit, the sizes, all that would be allocated, and what fits', () => {
    const options = run({ numEnvs: 65536, numSteps: 128 })
    const { message } = refusal(hardware(), options)!
    expect(message).toMatch(
      /^config\.numEnvs: the buffer transitions needs 541065216 bytes, and the adapter's maxStorageBufferBindingSize is 134217728 \(numAgents 1, numEnvs 65536, numSteps 128, hidden \[64, 64\]; \d+ MiB in all buffers\)\. Use numEnvs at most 16256, or numSteps at most 31\.$/,
    )
    expect(checkOffers(hardware(), options, message)).toEqual(['numEnvs', 'numSteps'])
  })

  it.each([
    [
      'maxBufferSize, where it is the smaller one',
      hardware({ maxBufferSize: 10 * MIB }),
      { numAgents: 300 },
      'numAgents',
    ],
    [
      'agents along z',
      hardware({
        maxBufferSize: 2 ** 40,
        maxStorageBufferBindingSize: 2 ** 40,
        maxComputeWorkgroupsPerDimension: 40000,
      }),
      { numAgents: 32767, hidden: [], numEnvs: 1, numSteps: 4, numMinibatches: 1 },
      'numAgents',
    ],
    [
      'updates along x',
      hardware({ maxComputeWorkgroupsPerDimension: 500 }),
      { updateEpochs: 600, numMinibatches: 1, numSteps: 2, hidden: [] },
      'updateEpochs',
    ],
    [
      'minibatches',
      hardware({ maxComputeWorkgroupsPerDimension: 500 }),
      { numEnvs: 64, numSteps: 64, numMinibatches: 1024, updateEpochs: 1, hidden: [] },
      'numMinibatches',
    ],
    [
      'a wide network',
      software({ maxStorageBufferBindingSize: MIB }),
      { hidden: [512, 512], numEnvs: 4, numSteps: 8 },
      'hidden',
    ],
    [
      'workgroup memory',
      hardware({ maxComputeWorkgroupStorageSize: 8192 }),
      { plan: 'fused', hidden: [128, 128] },
      'hidden, plan',
    ],
    [
      'arguments',
      hardware({ maxBufferSize: 2 * MIB, maxStorageBufferBindingSize: MIB }),
      { plan: 'layered', numEnvs: 1, numSteps: 4096, numMinibatches: 64 },
      'numSteps',
    ],
  ] as [string, Adapter, PpoOptions, string][])('%s', (_, adapter, given, expected) => {
    const options = run(given)
    const error = refusal(adapter, options)!
    expect(checkOffers(adapter, options, error.message), error.message).toEqual(
      expect.arrayContaining(expected.split(', ')),
    )
  })

  it('whatever it is, what it offers fits, and one more does not', () => {
    const width = fc.integer({ min: 1, max: 130 })
    const configs = fc.record({
      numAgents: fc.integer({ min: 1, max: 40 }),
      numEnvs: fc.integer({ min: 1, max: 200 }),
      numSteps: fc.integer({ min: 2, max: 64 }),
      numMinibatches: fc.constantFrom(1, 2, 4, 6),
      updateEpochs: fc.integer({ min: 1, max: 4 }),
      actorHidden: fc.array(width, { maxLength: 3 }),
      criticHidden: fc.array(width, { maxLength: 3 }),
      plan: fc.constantFrom('auto' as const, 'layered' as const),
      normObs: fc.boolean(),
    })
    const adapters = fc.record({
      software: fc.boolean(),
      quads: fc.constantFrom(0, 1, 2),
      limits: fc.record({
        maxBufferSize: fc.integer({ min: 2 ** 10, max: 2 ** 22 }),
        maxStorageBufferBindingSize: fc.integer({ min: 2 ** 10, max: 2 ** 22 }),
        maxComputeWorkgroupsPerDimension: fc.integer({ min: 1, max: 200 }),
      }),
    })
    const seen = new Map<string, number>()
    const property = fc.property(configs, adapters, fc.boolean(), (given, { limits, ...kind }, discrete) => {
      const batchSize = given.numEnvs * given.numSteps
      fc.pre(batchSize % given.numMinibatches === 0 && batchSize > given.numMinibatches)
      const adapter = { ...software(limits), ...kind }
      const options = run({ ...given, normAdv: false }, discrete ? cartPole : pendulum)
      const error = refusal(adapter, options)
      if (!error) return
      for (const option of checkOffers(adapter, options, error.message)) seen.set(option, (seen.get(option) ?? 0) + 1)
    })
    fc.assert(property, { numRuns: 40, seed: 7 })
    for (const option of ['numAgents', 'numEnvs', 'numSteps', 'hidden'])
      expect(seen.get(option), option).toBeGreaterThan(2)
  })
})

test('a population of thousands is planned without allocating, and told how many agents fit', () => {
  const options = run({ numAgents: 32767, numEnvs: 4, numSteps: 128 })
  const { message } = refusal(hardware(), options)!
  expect(message).toMatch(/^config\.numAgents: the buffer \w+ needs \d+ bytes/)
  const offered = new Map(offers(message))
  expect(Number(offered.get('numAgents'))).toBeGreaterThan(200)
  checkOffers(hardware(), options, message)
})

test('a GPU without room is told of what would take half of it', () => {
  const options = run({ numAgents: 30, numEnvs: 40, numSteps: 128 })
  const bytes = (given: PlanOptions) => Number(/the (\d+) MiB/.exec(outOfMemory(hardware(), given).message)![1])
  const error = outOfMemory(hardware(), options)
  expect(error).toBeInstanceOf(ConfigError)
  expect(error.message).toMatch(
    /^config\.numAgents: the GPU has no room for the \d+ MiB that this takes \(numAgents 30, numEnvs 40, numSteps 128, hidden \[64, 64\]\)\. For half as much: Use numAgents at most 15, or /,
  )
  expect(bytes(changed(options, 'numAgents', 15))).toBeLessThanOrEqual(bytes(options) / 2 + 1)
})

describe('checkWorkgroups', () => {
  it('passes 1 to 65535 along each axis', () => {
    expect(() => checkWorkgroups('gae', [1, 65535, 1])).not.toThrow()
  })

  it.each([
    [[65536, 1, 1], 'gae: 65536 workgroups along x; 1 to 65535 are possible. Use fewer environments, steps or agents.'],
    [[1, 0, 1], 'gae: 0 workgroups along y'],
    [[1, 1, 1.5], 'gae: 1.5 workgroups along z'],
    [[Number.NaN, 1, 1], 'gae: NaN workgroups along x'],
  ] as [[number, number, number], string][])('%o', (workgroups, message) => {
    expect(() => checkWorkgroups('gae', workgroups)).toThrow(message)
  })
})
