import { describe, expect, it } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { initCost, initialising, initParams } from '../../src/model/init'
import { asDense } from '../../src/model/layers'
import { forEachParam, type Layer, layoutNetwork } from '../../src/model/network'
import { orthonormalise } from '../../src/model/orthonormal'
import { allPieces, inPieces } from '../../src/model/pieces'

const layout = layoutNetwork({
  obsDim: 6,
  actionDim: 3,
  actorHidden: [20, 9],
  criticHidden: [8],
  activation: 'tanh',
  dist: 'gaussian',
})

/** Largest deviation of W W^T (or W^T W, when taller than wide) from gain^2 I. */
function orthogonality(params: Float32Array, layer: Layer, gain: number): number {
  const { outDim, inDim, inStride, weight } = asDense(layer)
  const wide = outDim <= inDim
  const at = (vector: number, k: number) =>
    wide ? params[weight + vector * inStride + k] : params[weight + k * inStride + vector]
  const [count, length] = wide ? [outDim, inDim] : [inDim, outDim]
  let worst = 0
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      let dot = 0
      for (let k = 0; k < length; k++) dot += at(a, k) * at(b, k)
      worst = Math.max(worst, Math.abs(dot / gain ** 2 - Number(a === b)))
    }
  }
  return worst
}

const seeded = (seed: number, options: PpoOptions = {}) => resolveConfig({}, { ...options, seed })

describe('init', () => {
  const params = initParams(layout, seeded(1))

  it('weights are orthogonal with gains sqrt 2, 0.01 and 1', () => {
    const gains = [Math.SQRT2, Math.SQRT2, 0.01, Math.SQRT2, 1]
    // f32 rounding of 20 products.
    ;[...layout.actor, ...layout.critic].forEach((layer, i) => {
      expect(orthogonality(params, layer, gains[i])).toBeLessThan(1e-6)
    })
    expect(orthogonality(params, layout.actor[0], 1)).toBeGreaterThan(0.5) // control: the wrong gain is found
  })

  it('biases, log standard deviations and padding are 0', () => {
    const inside = new Set<number>()
    forEachParam(layout, (tensor, _shape, _flat, at) => {
      inside.add(at)
      if (!tensor.endsWith('weight')) expect(params[at]).toBe(0)
    })
    params.forEach((value, at) => {
      if (!inside.has(at)) expect(value).toBe(0)
    })
    expect(params.length).toBe(layout.paramStride)
  })

  it('takes other gains, and a first log standard deviation', () => {
    const options = { hiddenGain: 0.5, actorGain: 2, criticGain: 3, logStdInit: -0.75 }
    const other = initParams(layout, seeded(1, options))
    ;[...layout.actor, ...layout.critic].forEach((layer, i) => {
      expect(orthogonality(other, layer, [0.5, 0.5, 2, 0.5, 3][i])).toBeLessThan(1e-6)
    })
    const { own, shape } = layout
    expect([...other.slice(own, own + shape.actionDim)]).toEqual(Array(shape.actionDim).fill(-0.75))
    expect(other.slice(own + shape.actionDim).every((x) => x === 0)).toBe(true)
  })

  it('draws a shared trunk once, as the first layers of an actor of its widths, then both heads', () => {
    const shape = { ...layout.shape, criticHidden: [20, 9] }
    const trunk = layoutNetwork({ ...shape, sharedTrunk: true })
    const shared = initParams(trunk, seeded(1))
    const gains = [Math.SQRT2, Math.SQRT2, 0.01, 1]
    expect(trunk.layers.map(({ name }) => name)).toEqual(['trunk.0', 'trunk.1', 'actor.0', 'critic.0'])
    trunk.layers.forEach((layer, i) => {
      expect(orthogonality(shared, layer, gains[i])).toBeLessThan(1e-6)
    })
    const separate = layoutNetwork(shape)
    const other = initParams(separate, seeded(1))
    trunk.actor.map(asDense).forEach(({ weight, inStride, outStride }, i) => {
      const first = asDense(separate.actor[i]).weight
      expect(shared.slice(weight, weight + inStride * outStride)).toEqual(
        other.slice(first, first + inStride * outStride),
      )
    })
    const inside = new Set<number>()
    forEachParam(trunk, (_tensor, _shape, _flat, at) => inside.add(at))
    expect(inside.size).toBe(trunk.numParams)
    expect(shared.every((x, at) => inside.has(at) || x === 0)).toBe(true)
  })

  it('depends on the seed, and layers differ', () => {
    expect(initParams(layout, seeded(1))).toEqual(params)
    expect(initParams(layout, seeded(2))).not.toEqual(params)
    const square = layoutNetwork({ ...layout.shape, actorHidden: [4, 4], criticHidden: [4, 4] })
    const p = initParams(square, seeded(1))
    const [a, c] = [square.actor[1], square.critic[1]].map((layer) => asDense(layer).weight)
    expect(p.slice(a, a + 16)).not.toEqual(p.slice(c, c + 16))
  })

  it('keeps the sign convention of torch: R has a positive diagonal', () => {
    const a = Float64Array.of(-3, 4, 0, 1, 1, 1)
    const before = a.slice()
    allPieces(orthonormalise(a, 2, 3))
    expect(a[0]).toBeCloseTo(-0.6, 15)
    for (const row of [0, 1]) {
      let dot = 0
      for (let k = 0; k < 3; k++) dot += a[row * 3 + k] * before[row * 3 + k]
      expect(dot).toBeGreaterThan(0)
    }
  })
})

/** Gram-Schmidt carried out twice, row by row, as in textbooks. */
function plainOrthonormalise(a: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const row = a.subarray(i * length, (i + 1) * length)
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        let dot = 0
        for (let k = 0; k < length; k++) dot += row[k] * a[j * length + k]
        for (let k = 0; k < length; k++) row[k] -= dot * a[j * length + k]
      }
    }
    let squares = 0
    for (let k = 0; k < length; k++) squares += row[k] * row[k]
    const norm = Math.sqrt(squares)
    for (let k = 0; k < length; k++) row[k] /= norm
  }
}

describe('in pieces', () => {
  it.each([
    [1, 1],
    [2, 3],
    [5, 5],
    [6, 7],
    [7, 123],
    [64, 64],
    [65, 70],
  ])('%o rows of %o: the bits of the plain order of work', (count, length) => {
    const a = Float64Array.from({ length: count * length }, (_, i) => Math.sin(1 + i * i))
    const b = a.slice()
    allPieces(orthonormalise(a, count, length))
    plainOrthonormalise(b, count, length)
    expect(a).toEqual(b)
  })

  const wide = layoutNetwork({ ...layout.shape, actorHidden: [300, 300], criticHidden: [200] })

  it('the same weights, and others have turns in between', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const told: number[] = []
    const params = await inPieces(initialising(wide, seeded(1)), { onTurn: (worth) => told.push(worth) })
    clearInterval(timer)
    expect(params).toEqual(initParams(wide, seeded(1)))
    expect(told.length).toBeGreaterThan(1)
    expect(turns).toBeGreaterThan(0)
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
  })

  it('a signal ends it between two pieces', async () => {
    const ending = new AbortController()
    const work = inPieces(initialising(wide, seeded(1)), { onTurn: () => ending.abort(), signal: ending.signal })
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('no piece is long, and together they are worth what was estimated', () => {
    let sum = 0
    let longest = 0
    const work = initialising(wide, seeded(1))
    for (let start = performance.now(), piece = work.next(); !piece.done; piece = work.next()) {
      longest = Math.max(longest, performance.now() - start)
      start = performance.now()
      sum += piece.value
    }
    expect(sum / initCost(wide)).toBeGreaterThan(0.9)
    expect(sum / initCost(wide)).toBeLessThan(1.1)
    expect(longest).toBeLessThan(500) // also on a machine with other work
  })
})
