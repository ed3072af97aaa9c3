import { describe, expect, it, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { findEnv } from '../../envs/registry'
import { ConfigError, derivedSizes, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import type { Gpu } from '../../src/gpu/device'
import { layoutNetwork, type NetworkShape, networkShape } from '../../src/model/network'
import { type Adapter, adapterOf } from '../../src/plan/adapterclass'
import { CHOICES, choosePlan } from '../../src/plan/choice'
import { rollout, updateMinibatch } from '../../src/plan/fused'
import { fusedShape, whyNotFused } from '../../src/plan/fusedshape'
import { planRun, type RunPlan } from '../../src/plan/runplan'
import { fusedGradient } from '../../src/reference/fused_gradient'
import { type Batch, makeWorkspace } from '../../src/reference/minibatch'
import { reduce } from '../../src/reference/reduce'
import { backwardMinibatch, forwardMinibatch, makeLearner, updateHyper } from '../../src/reference/update'
import { createRun } from '../../src/run/createrun'
import { randomNumbers } from '../support/kernel'

const shapeWith = (hidden: number[], rest: Partial<NetworkShape> = {}): NetworkShape => ({
  ...{ obsDim: 4, actionDim: 2, actorHidden: hidden, criticHidden: hidden, activation: 'tanh', dist: 'categorical' },
  ...rest,
})

const HARDWARE = { software: false, quads: 0 }
const SWIFTSHADER = { software: true, quads: 1 }
const LAVAPIPE = { software: true, quads: 2, lavapipe: true }
const OTHER = { software: true, quads: 0 }

describe('whyNotFused', () => {
  const why = (shape: NetworkShape, software = false) => whyNotFused(layoutNetwork(shape), { software, quads: 0 })

  it('takes what fits: the default network, and the widest and the deepest', () => {
    expect(why(shapeWith([64, 64]))).toBeNull()
    expect(why(shapeWith([128, 128]))).toBeNull()
    expect(why(shapeWith(Array(7).fill(32)))).toBeNull()
  })

  it('names what does not', () => {
    expect(why(shapeWith([129]))).toBe('a layer of 129 units is wider than 128')
    expect(why(shapeWith([8], { criticHidden: [8, 300] }))).toBe('a layer of 300 units is wider than 128')
    expect(why(shapeWith(Array(8).fill(4)))).toBe('more than 8 layers')
    expect(why(shapeWith([4], { criticHidden: Array(8).fill(4) }))).toBe('more than 8 layers')
    expect(why(shapeWith(Array(8).fill(4), { sharedTrunk: true }))).toBe('more than 8 layers')
  })

  it('counts workgroup memory: of every adapter 16 KiB, of software adapters 32 KiB', () => {
    // In vec4s of a row, each region with one more than its width: inputs 2, layers 7 x 33, head 1 without it, gradient of the
    // last layer 33; the sums of a row 5; its record 4 bytes.
    const deep = shapeWith(Array(7).fill(128))
    const needs = (row: number, most: number): string =>
      `4 rows need ${4 * (16 * (row + 5) + 4)} bytes of workgroup memory, of ${most}`
    expect(why(deep)).toBe(needs(2 + 7 * 33 + 1 + 33, 16384))
    expect(why(deep, true)).toBeNull()
    // A shared trunk has a vec4 more, for the value; silu twice the hidden layers.
    expect(why({ ...deep, sharedTrunk: true })).toBe(needs(2 + 7 * 33 + 2 + 33, 16384))
    const silu = shapeWith(Array(4).fill(128), { activation: 'silu' })
    expect(why(silu)).toBe(needs(2 + 8 * 33 + 1 + 33, 16384))
    expect(why(silu, true)).toBeNull()
    const wide = { obsDim: 400, activation: 'silu' } as const
    expect(why(shapeWith(Array(7).fill(128), wide), true)).toBe(needs(101 + 14 * 33 + 1 + 33, 32768))
  })
})

describe('fusedShape', () => {
  const cut = (options: PpoOptions, hidden: number[], software: boolean) => {
    const config = resolveConfig({}, options)
    return fusedShape(config, layoutNetwork(shapeWith(hidden)), derivedSizes(config).minibatchSize, {
      software,
      quads: 0,
    })
  }
  const hiddens = [[8], [64, 64], [128, 128]]

  it('is a function of the shape of one agent and the class of the adapter', () => {
    for (const software of [false, true]) {
      for (const hidden of hiddens) {
        const sizes = { numEnvs: 24, numSteps: 32, numMinibatches: 3 }
        const solo = cut(sizes, hidden, software)
        // A population, a seed or the length of a run changes nothing.
        expect(cut({ ...sizes, numAgents: 64, seed: 9, totalTimesteps: 1e6 }, hidden, software)).toEqual(solo)
      }
    }
  })

  it('covers a minibatch and all environments, in tiles that fit', () => {
    for (const software of [false, true]) {
      for (const hidden of hiddens) {
        for (const numEnvs of [1, 3, 65, 4096]) {
          const { minibatchSize } = derivedSizes(resolveConfig({}, { numEnvs, numSteps: 4, numMinibatches: 1 }))
          const shape = cut({ numEnvs, numSteps: 4, numMinibatches: 1 }, hidden, software)
          expect(shape.rowsPerPartial % shape.tile).toBe(0)
          expect([shape.tile % 4, shape.envTile % 4]).toEqual([0, 0])
          expect(shape.envTile).toBeLessThanOrEqual(shape.valueRows)
          expect(shape.numPartials * shape.rowsPerPartial).toBeGreaterThanOrEqual(minibatchSize)
          expect((shape.numPartials - 1) * shape.rowsPerPartial).toBeLessThan(minibatchSize)
          const most = software ? 32768 : 16384
          expect(16 * shape.actSize).toBeLessThan(most)
          expect(16 * shape.envActSize).toBeLessThan(most)
        }
      }
    }
  })
})

test('plan fused on a network that does not fit is a ConfigError, before anything touches the device', async () => {
  const device = new Proxy({} as GPUDevice, {
    get: (_, name) => {
      throw new Error(`device.${String(name)} was asked for`)
    },
  })
  const gpu = { device, software: true } as Gpu
  const config = resolveConfig({}, { plan: 'fused' })
  const failed = createRun(gpu, { shape: shapeWith([129]), config })
  await expect(failed).rejects.toThrow(ConfigError)
  await expect(failed).rejects.toThrow(
    'config.plan: the fused plan cannot take this network: a layer of 129 units is wider than 128. Use plan auto or layered.',
  )
  // Control: one that fits gets to the device.
  await expect(createRun(gpu, { shape: shapeWith([128]), config })).rejects.toThrow('was asked for')
})

describe('the twins', () => {
  it('partials of any cut add up to the gradient and the losses of the whole minibatch', () => {
    for (const dist of ['categorical', 'gaussian'] as const) {
      const layout = layoutNetwork(shapeWith([5, 3], { dist }))
      const random = randomNumbers(7)
      const numbers = (n: number, value = random as () => number) => Float64Array.from({ length: n }, value)
      const size = 23
      const batch: Batch = {
        size,
        obs: numbers(size * 4),
        actions: dist === 'gaussian' ? numbers(size * 4) : numbers(size, () => Number(random() > 0)),
        logprobs: numbers(size, () => -1 + 0.3 * random()),
        values: numbers(size),
        advantages: numbers(size),
        returns: numbers(size),
        oldOut: numbers(size * 4),
        oldOwn: dist === 'gaussian' ? numbers(4) : null,
        masks: null,
      }
      const learner = makeLearner(layout, numbers(layout.paramStride))
      const config = resolveConfig({}, { algorithm: 'penalty', targetKl: 0.01, entCoef: 0.1 })
      const hyper = updateHyper(config, 0, 0.5)
      const indices = [3, 1, 4, 15, 9, 2, 6, 5, 22, 8, 7]
      const work = makeWorkspace(layout, indices.length, true)
      const stats = forwardMinibatch(learner, batch, indices, hyper, work)
      backwardMinibatch(learner, indices.length, work)
      for (const rows of [1, 4, 11]) {
        const partials = Array.from({ length: Math.ceil(indices.length / rows) }, (_, p) =>
          fusedGradient(learner, batch, indices, p * rows, Math.min((p + 1) * rows, indices.length), hyper),
        )
        const whole = reduce(partials, indices.length, 8, hyper)
        whole.gradient.forEach((g, i) => {
          expect(g).toBeCloseTo(work.gradient[i], 12)
        })
        const { situations, ...means } = whole.stats
        expect(situations).toEqual(stats.situations)
        for (const [name, mean] of Object.entries(means)) expect(mean).toBeCloseTo(stats[name as 'loss'], 12)
        const squares = whole.gradient.reduce((sum, g) => sum + g * g, 0)
        expect(whole.squares.reduce((a, b) => a + b)).toBeCloseTo(squares, 12)
      }
    }
  })
})

describe('choosePlan', () => {
  const chosen = (adapter: Omit<Adapter, 'limits'>, hidden: number[], plan = 'auto' as const) => {
    const config = resolveConfig({}, { plan })
    const run = choosePlan(config, layoutNetwork(shapeWith(hidden)), { ...adapter, limits: {} as never })
    return [run.plan, run.planReason]
  }

  it('takes a form by the class of the adapter and the network alone', () => {
    const few = 'a few dispatches instead of hundreds'
    expect(chosen(SWIFTSHADER, [64, 64])).toEqual(['fused', few])
    expect(chosen(SWIFTSHADER, [96, 96])).toEqual(['fused', few])
    expect(chosen(SWIFTSHADER, [128, 128])).toEqual(['layered', 'faster for wide networks on a software adapter'])
    expect(chosen(LAVAPIPE, [64, 64])).toEqual(['fused', few])
    expect(chosen(LAVAPIPE, [96, 96])).toEqual(['layered', 'faster to compile for wide networks on lavapipe'])
    const other = 'faster on a software adapter whose subgroups are not known'
    expect(chosen(OTHER, [64, 64])).toEqual(['layered', other])
    expect(chosen({ ...LAVAPIPE, quads: 0 }, [64, 64])).toEqual(['layered', other])
    expect(chosen(HARDWARE, [64, 64])).toEqual(['fused', few])
    expect(chosen(HARDWARE, [128, 128])).toEqual(['fused', few])
    for (const adapter of [SWIFTSHADER, LAVAPIPE, OTHER, HARDWARE]) {
      expect(chosen(adapter, [129])).toEqual(['layered', 'fused cannot: a layer of 129 units is wider than 128'])
    }
  })

  it('every class has a form for every network', () => {
    for (const choices of Object.values(CHOICES)) expect(choices.at(-1)!.holds(null as never)).toBe(true)
  })
})

describe('the steps of a rollout by quads', () => {
  const steps = (spec: EnvSpec) => {
    const config = resolveConfig({}, { numEnvs: 4, numSteps: 8, numMinibatches: 1, updateEpochs: 1 }, spec)
    const adapter = { ...SWIFTSHADER, limits: { minUniformBufferOffsetAlignment: 256 } as never }
    const run = planRun(adapter, { config, spec, shape: networkShape(spec, config) })
    return rollout(run).map(({ args }) => [args.firstStep, args.endStep])
  }

  it('are one dispatch, but one each where the environment has many loops, and the last value is one too', () => {
    expect(steps(cartPole)).toEqual([[0, 8]])
    expect(steps(findEnv('Walker2d-v5'))).toEqual([[0, 8]])
    const alone = [...Array.from({ length: 8 }, (_, step) => [step, step + 1]), [8, 8]]
    expect(steps(findEnv('LunarLander-v3'))).toEqual(alone)
    expect(steps(findEnv('LunarLanderContinuous-v3'))).toEqual(alone)
  })
})

describe('two quads in a workgroup', () => {
  const planned = (quads: number, options: PpoOptions = {}) => {
    const config = resolveConfig({}, { numEnvs: 20, numSteps: 32, numMinibatches: 1, updateEpochs: 1, ...options })
    const adapter = { ...LAVAPIPE, quads, limits: { minUniformBufferOffsetAlignment: 256 } as never }
    const run = planRun(adapter, { config, spec: cartPole, shape: networkShape(cartPole, config) })
    const of = (run: RunPlan) => {
      const dispatches = [...rollout(run), ...updateMinibatch(run, 0, 0)].filter(({ stem }) => stem.startsWith('quad_'))
      return dispatches.map(({ stem, args, workgroups }) => ({
        stem,
        x: workgroups[0],
        args: args as Record<string, number>,
      }))
    }
    return { run, dispatches: of(run), cut: of({ ...run, flopsPerDispatch: 1 }) }
  }

  it('have half as many workgroups, rounded up, and the same cuts of rows', () => {
    const [one, two] = [planned(1), planned(2)]
    expect(one.dispatches.map(({ x }) => x)).toEqual([5, 4]) // 20 environments by 4; 640 rows by 160
    expect(two.dispatches.map(({ x }) => x)).toEqual([3, 2])
    expect(two.run.wanted.overrides.quad_rollout).toEqual({ TOGETHER: 2 })
    expect(two.run.fused).toEqual({ ...one.run.fused, together: 2 })
  })

  it('and a long dispatch is cut between workgroups, so that no quad has the work of another dispatch', () => {
    const starts = (quads: number, stem: string, name: string): number[] => [
      ...new Set(planned(quads).cut.flatMap((d) => (d.stem === stem ? [d.args[name]] : []))),
    ]
    expect(starts(1, 'quad_rollout', 'firstTile')).toEqual([0, 1, 2, 3, 4])
    expect(starts(2, 'quad_rollout', 'firstTile')).toEqual([0, 2, 4])
    expect(starts(1, 'quad_gradient', 'firstPartial')).toEqual([0, 1, 2, 3])
    expect(starts(2, 'quad_gradient', 'firstPartial')).toEqual([0, 2])
    expect(planned(2).cut.every(({ x }) => x === 1)).toBe(true)
  })

  it('are as many as the lanes of lavapipe are', () => {
    const quads = (info: object, features: string[] = ['subgroups']) => {
      const names = {
        vendor: 'mesa',
        architecture: 'software',
        device: 'llvmpipe-llvm-15-0-6-256-bits-',
        description: '',
      }
      const device = { features: new Set(features), adapterInfo: info } as unknown as GPUDevice
      return adapterOf({ device, software: true, info: names } as Gpu).quads
    }
    const lanes = (least: number, most = least) => ({ subgroupMinSize: least, subgroupMaxSize: most })
    expect([4, 8, 16].map((n) => quads(lanes(n)))).toEqual([1, 2, 4])
    expect([quads(lanes(4, 8)), quads(lanes(6)), quads({}), quads(lanes(8), [])]).toEqual([0, 0, 0, 0])
  })
})

test('a device of a software adapter with the ordinary memory has smaller tiles', () => {
  const config = resolveConfig({}, {})
  const tile = (maxComputeWorkgroupStorageSize: number) =>
    fusedShape(config, layoutNetwork(shapeWith([128, 128])), 256, {
      ...OTHER,
      limits: { maxComputeWorkgroupStorageSize },
    }).tile
  expect([tile(32768), tile(65536), tile(16384)]).toEqual([16, 16, 8])
  const deep = layoutNetwork(shapeWith(Array(7).fill(128)))
  expect(whyNotFused(deep, { ...OTHER, limits: { maxComputeWorkgroupStorageSize: 16384 } })).toMatch(/of 16384$/)
})

describe('rows of a partial', () => {
  const rows = (minibatch: number, hidden: number[]): number[] => {
    const config = resolveConfig({}, { numEnvs: minibatch, numSteps: 1, numMinibatches: 1 })
    const { rowsPerPartial, tile } = fusedShape(config, layoutNetwork(shapeWith(hidden)), minibatch, HARDWARE)
    return [rowsPerPartial, tile]
  }

  it('on hardware at least 64, at most 128 partials, and whole tiles', () => {
    expect(rows(256, [64, 64])).toEqual([64, 16])
    expect(rows(2048, [64, 64])).toEqual([64, 16])
    expect(rows(128 * 65, [64, 64])).toEqual([80, 16])
    expect(rows(128 * 65, [128, 128])).toEqual([72, 8])
    expect(rows(32768, [64, 64])).toEqual([256, 16])
  })
})
