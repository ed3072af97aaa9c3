import { describe, expect, it } from 'vitest'
import { type BufferName, checkLimits, planBuffers, planSizes } from '../../src/buffers'
import { ConfigError, type PpoOptions, resolveConfig } from '../../src/config'
import { checkWorkgroups } from '../../src/gpu/dispatch'
import { layoutNetwork } from '../../src/network'

const layout = layoutNetwork({
  obsDim: 4,
  actionDim: 2,
  actorHidden: [64, 64],
  criticHidden: [64, 64],
  activation: 'tanh',
  dist: 'categorical',
})
const MIB = 2 ** 20
const limits = (maxStorageBufferBindingSize: number, maxBufferSize: number) =>
  ({ maxStorageBufferBindingSize, maxBufferSize }) as GPUSupportedLimits
const sizesOf = (options: PpoOptions) => planSizes(resolveConfig({}, options), layout, true)
const check = (bytes: Partial<Record<BufferName, number>>, options: PpoOptions, l: GPUSupportedLimits) =>
  checkLimits(new Map(Object.entries(bytes) as [BufferName, number][]), sizesOf(options), l)

describe('checkLimits', () => {
  it('says nothing while everything fits, to the last byte', () => {
    expect(() => check({ transitions: 128 * MIB, heads: 5 }, {}, limits(128 * MIB, 256 * MIB))).not.toThrow()
  })

  it('names the largest buffer, the sizes, the limit, and how many environments would fit', () => {
    const bytes = { heads: 200 * MIB, transitions: 512 * MIB, losses: 1 }
    const run = () => check(bytes, { numEnvs: 4096, numSteps: 64 }, limits(128 * MIB, 256 * MIB))
    expect(run).toThrow(ConfigError)
    expect(run).toThrow(
      `config.numEnvs: the buffer transitions needs ${512 * MIB} bytes (numAgents 1, numEnvs 4096, numSteps 64; 713 MiB ` +
        `in all buffers); the adapter's maxStorageBufferBindingSize is ${128 * MIB}. Use numEnvs at most about 1024, or ` +
        'fewer numSteps.',
    )
  })

  it('names maxBufferSize where that is the smaller one, and agents where there are several', () => {
    const run = () => check({ moments: 300 * MIB }, { numAgents: 30 }, limits(1024 * MIB, 100 * MIB))
    expect(run).toThrow(/^config\.numAgents: the buffer moments/)
    expect(run).toThrow(`the adapter's maxBufferSize is ${100 * MIB}. Use numAgents at most 10, or`)
  })
})

describe('a population of thousands, planned without allocating', () => {
  const structs = {
    ...{ EnvState: 16, Episode: 32, Hyper: 128, Progress: 32, SampleLoss: 64, UpdateStats: 64, RolloutStats: 64 },
    Metrics: 256,
  }
  const planOf = (numAgents: number) => {
    const sizes = sizesOf({ numAgents, numEnvs: 4, numSteps: 128 })
    return { sizes, plan: planBuffers(sizes, layout, structs, null, false) }
  }
  const portable = limits(128 * MIB, 256 * MIB)

  it('passes the portable limit of 128 MiB, and says how many agents fit', () => {
    const { sizes, plan } = planOf(32767)
    const error = catchError(() => checkLimits(plan, sizes, portable))
    const most = Number(/numAgents at most (\d+)/.exec(error.message)![1])
    expect(error.message).toMatch(/^config\.numAgents: the buffer \w+ needs \d+ bytes \(numAgents 32767, numEnvs 4, /)
    expect(most).toBeGreaterThan(500)
    const fits = planOf(most)
    expect(() => checkLimits(fits.plan, fits.sizes, portable)).not.toThrow()
    const more = planOf(most + 1)
    expect(() => checkLimits(more.plan, more.sizes, portable)).toThrow(`numAgents at most ${most}`)
  })
})

function catchError(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

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
