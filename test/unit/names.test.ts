import { describe, expect, it, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { readStruct, reflectStruct, writeStruct } from '../../src/gpu/reflect'
import { SHADERS, wgslConstant } from '../../src/gpu/shaders'
import { HEALTH_BUFFERS, metricsRow } from '../../src/metrics'
import { IN_HYPER, LIVE, OPTION_NAMES } from '../../src/options/options'
import { agentConfig } from '../../src/options/sweep'
import { hyperValues } from '../../src/run/hyper'

const code = SHADERS.get('shaders/lib/data/agent.wgsl')!
const hyper = reflectStruct(code, 'Hyper')
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const SOURCES = import.meta.glob<string>('../../src/**/*.ts', { query: '?raw', import: 'default', eager: true })
const fields = hyper.fields.map(({ name }) => name)

/** Fields of Hyper that are not options. */
const DERIVED = [
  'num_iterations',
  'anneal_vf_clip_coef',
  'penalty',
  'log_adam_beta1',
  'log_adam_beta2',
  'reward_threshold',
  'env_params',
]

describe('Hyper', () => {
  it('its fields are the options that the table places there, in snake_case, and derived ones', () => {
    expect(fields.toSorted()).toEqual([...IN_HYPER.map(snake), ...DERIVED].toSorted())
  })

  it('what may change while agents train, a kernel reads there', () => {
    // Two options have fields with other names: penalty and num_iterations.
    const through = ['algorithm', 'totalTimesteps']
    expect(LIVE.filter((name) => !IN_HYPER.includes(name)).toSorted()).toEqual(through)
  })

  it('a kernel reads every option that stands there', () => {
    const unread = IN_HYPER.filter((name) => ![...SHADERS.values()].some((text) => text.includes(`.${snake(name)}`)))
    expect(unread).toEqual([])
  })

  it('what does not stand there is read by the host', () => {
    const files = Object.entries(SOURCES).filter(([path]) => !/\/src\/(options|lab)\//.test(path))
    const read = (name: string) => files.some(([, text]) => new RegExp(`\\b${name}\\b`).test(text))
    expect(files.length).toBeGreaterThan(50)
    expect(OPTION_NAMES.filter((name) => !IN_HYPER.includes(name) && !read(name))).toEqual([])
  })

  const written = (options: PpoOptions, agent = 0) => {
    const view = new DataView(new ArrayBuffer(hyper.size))
    // Throws unless every field is given and nothing else.
    writeStruct(hyper, hyperValues(resolveConfig({}, options), cartPole, agent), view)
    return readStruct(hyper, view) as Record<string, number>
  }

  it('hyperValues writes all fields, each the option of its name', () => {
    // Values that differ from each other and from the defaults, so that none can be taken for another.
    const options: PpoOptions = {
      stopWhenSolved: true,
      annealLr: false,
      adaptiveLr: true,
      desiredKl: 7,
      annealClipCoef: true,
      annealEntCoef: true,
      bootstrapTruncated: false,
      clipVloss: false,
      normAdv: false,
      learningRate: 0.0078125,
      gamma: 0.25,
      gaeLambda: 0.125,
      clipCoef: 0.0625,
      dualClip: 8,
      vfClipCoef: 2,
      entCoef: -3,
      vfCoef: 4,
      targetKl: 5,
      maxGradNorm: 6,
      adamBeta1: 0.75,
      adamBeta2: 0.875,
      adamEps: 0.03125,
      weightDecay: 9,
    }
    const values = written(options, 7)
    for (const [name, value] of Object.entries(options)) {
      expect(values[name], name).toBe(Number(value))
    }
    expect(written({ normAdvOver: 'batch' })).toMatchObject({ normAdv: 1, normAdvOver: 1 })
    expect(values.penalty).toBe(0)
    expect(values.annealVfClipCoef).toBe(0) // vfClipCoef is given
    expect(written({ annealClipCoef: true }).annealVfClipCoef).toBe(1)
    expect(values.klCoef).toBe(0)
    expect(values.numIterations).toBe(Math.floor(500_000 / (32 * 128)))
    expect(values.rewardThreshold).toBe(475)
    expect(Math.exp(values.logAdamBeta1)).toBeCloseTo(0.75, 6)
    expect(Math.exp(values.logAdamBeta2)).toBeCloseTo(0.875, 6)
  })

  it('defaults that depend on others: no limits, the value clip, the penalty', () => {
    const NO_LIMIT = Math.fround(3.4028234663852886e38)
    expect(written({})).toMatchObject({
      targetKl: NO_LIMIT,
      desiredKl: NO_LIMIT,
      dualClip: NO_LIMIT,
      vfClipCoef: Math.fround(0.2),
      penalty: 0,
    })
    expect(written({ clipCoef: 0.5 }).vfClipCoef).toBe(0.5)
    const penalty = written({ algorithm: 'penalty', targetKl: 0.5, klCoef: 2, clipCoef: 0.5 })
    expect(penalty).toMatchObject({ penalty: 1, klCoef: 2, targetKl: 0.5, vfClipCoef: Math.fround(0.2) })
    const unsolvable = hyperValues(resolveConfig({}, {}), { ...cartPole, rewardThreshold: null }, 0)
    expect(Math.fround(unsolvable.rewardThreshold as number)).toBe(NO_LIMIT)
    expect(Number.isFinite(written({ adamBeta1: 0, adamBeta2: 0 }).logAdamBeta1)).toBe(true)
  })
})

test('the last of many agents has a seed of 32 bits', () => {
  const config = resolveConfig({}, { seed: 0xffffffff - 2, numAgents: 3 })
  expect(agentConfig(config, 2).seed).toBe(0xffffffff)
})

/** The constants of a file whose names begin with `prefix`, in the order of their numbers. */
const numbered = (path: string, prefix: string): string[] => {
  const names = [...SHADERS.get(path)!.matchAll(/^const (\w+) = \d+u;/gm)].map(([, name]) => name)
  const own = names.filter((name) => name.startsWith(prefix))
  expect(own.map((name) => wgslConstant(path, name)).toSorted((a, b) => a - b)).toEqual(own.map((_, i) => i))
  return own.toSorted((a, b) => wgslConstant(path, a) - wgslConstant(path, b)).map((name) => name.slice(prefix.length))
}
const camel = (name: string): string => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase())

test('the kinds of fault have the numbers of the kernels', () => {
  expect(numbered('shaders/lib/data/fault.wgsl', 'KIND_').map(camel)).toEqual([...HEALTH_BUFFERS])
})

test('what ended an agent has the number of the kernels', () => {
  const row = { iteration: 1, notFinite: 0, badBuffer: 0, rollout: {}, situations: [] }
  for (const name of ['RUNNING', 'FINISHED', 'SOLVED', 'NOT_FINITE']) {
    const status = wgslConstant('shaders/lib/data/agent.wgsl', name)
    expect(metricsRow({ ...row, status } as never, 1)?.status).toBe(camel(name))
  }
})
