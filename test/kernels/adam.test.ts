import { expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { HEALTH_BUFFERS } from '../../src/metrics'
import { adam } from '../../src/reference/adam'
import {
  adamHyper,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  structsOf,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const structs = structsOf('adam')
// Parameters below 3 round to 1.2e-7; a step of 0.125 is right to some 1e-6 of its size.
const PARAMETERS = { atol: 5e-7 }
// Sums of two numbers below 1, each rounded to 6e-8 of its size, that may cancel.
const MOMENTS = { atol: 1e-7, rtol: 1e-6 }
const NORM = { rtol: 1e-6 }
const NUM_UPDATES = 3
const UPDATE = 1
const STOP_STRIDE = NUM_UPDATES + 3
const SLOT = 2 + UPDATE

/** `scale` is the gradient's. Clipped at the first step; stopped; not clipped, later; not finite, twice; very late, with weight decay. */
const AGENTS: { options: PpoOptions; adamStep: number; scale: number }[] = [
  { options: { maxGradNorm: 0.5 }, adamStep: -UPDATE, scale: 3 },
  { options: {}, adamStep: 0, scale: 1 },
  { options: { maxGradNorm: 1000, adamEps: 1e-3 }, adamStep: 37, scale: 3 },
  { options: {}, adamStep: 5, scale: Number.POSITIVE_INFINITY },
  { options: {}, adamStep: 5, scale: Number.NaN },
  { options: { maxGradNorm: 1, adamBeta1: 0, adamBeta2: 0.5, weightDecay: 0.0078125 }, adamStep: 5_000_000, scale: 1 },
]
const STOPPED = 1
const NOT_FINITE = [3, 4]
const LIVE = [0, 2, 5]

// With two workgroups for five workgroups' parameters, each thread processes several.
test.each([
  [4, 4, 1, 1, []],
  [4 * 65, 4 * 65, 2, 2, []],
  [4 * 65, 4 * 64, 5, 2, []],
  [4 * 300, 4 * 299, 5, 2, []],
  [4 * 300, 4 * 299, 5, 2, [3, 4 * 200, 4 * 299 + 2]],
] as [number, number, number, number, number[]][])(
  '%o parameters, log_std at %o, %o blocks, %o workgroups; not finite: %o',
  async (parameterStride, logStd, numBlocks, groups, spoiled) => {
    const numAgents = AGENTS.length
    const random = randomNumbers(parameterStride + numBlocks)
    const gradients = AGENTS.map(({ scale }) =>
      randomArray(parameterStride, random, Number.isFinite(scale) ? scale : 1),
    )
    // Blocks of any length: only their sum must be the sum of the gradient's squares.
    const squares = gradients.map((gradient, agent) => {
      const own = new Float32Array(numBlocks)
      gradient.forEach((g, i) => {
        own[i % numBlocks] += g * g
      })
      const { scale } = AGENTS[agent]
      if (!Number.isFinite(scale)) own[numBlocks - 1] = scale
      return own
    })
    const parameters = unwritten(numAgents * parameterStride)
    parameters.set(randomArray(numAgents * parameterStride, random, 3))
    const moments = unwritten(numAgents * 2 * parameterStride)
    for (let i = 0; i < numAgents * 2 * parameterStride; i++) {
      const isV = Math.floor(i / parameterStride) % 2 === 1
      moments[i] = isV ? 0.1 * Math.abs(random()) : random()
    }
    for (const agent of LIVE) {
      // Two log standard deviations beyond their bounds after the step, whatever its sign.
      if (logStd < parameterStride) parameters.set([2.5, -20.5], agent * parameterStride + logStd)
    }
    // The first agent's step overflows there.
    for (const i of spoiled) [moments[i], moments[parameterStride + i]] = [3e38, 0]
    const stop = gates(numAgents, STOP_STRIDE, { [STOPPED]: [SLOT], 2: [0, 1, 2, 4] })
    const updateStats = unwrittenWords(numAgents * NUM_UPDATES * structs.words('UpdateStats'))
    AGENTS.forEach((_, agent) => {
      const at =
        (agent * NUM_UPDATES + UPDATE) * structs.words('UpdateStats') + structs.at('UpdateStats', 'learning_rate')
      new Float32Array(updateStats.buffer)[at] = 0.125
    })
    const after = await runKernel({
      stem: 'adam',
      args: { parameterStride, logStd, numBlocks, numUpdates: NUM_UPDATES, stopStride: STOP_STRIDE, update: UPDATE },
      buffers: {
        hyper: hyperOf(
          structs,
          AGENTS.map(({ options }) => options),
        ),
        progress: progressOf(
          structs,
          AGENTS.map(({ adamStep }) => ({ adamStep: adamStep >>> 0 })),
        ),
        stop,
        gradients: Float32Array.from(gradients.flatMap((g) => [...g])),
        squares: Float32Array.from(squares.flatMap((s) => [...s])),
        parameters,
        moments,
        update_stats: updateStats,
      },
      outputs: ['parameters', 'moments', 'update_stats', 'stop'],
      workgroups: [groups, numAgents, 1],
    })

    const normOf = (agent: number) =>
      structs.read('UpdateStats', after.update_stats, agent * NUM_UPDATES + UPDATE).gradNorm
    for (const agent of LIVE) {
      const { options, adamStep } = AGENTS[agent]
      const config = resolveConfig({}, options)
      const hyper = adamHyper(config, 0.125)
      const of = (data: Float32Array, n: number) =>
        Float64Array.from(data.subarray(n * parameterStride, (n + 1) * parameterStride))
      const expected = of(parameters, agent)
      const state = { m: of(moments, 2 * agent), v: of(moments, 2 * agent + 1), t: adamStep + UPDATE }
      const place = { logStd: logStd < parameterStride ? logStd : -1, actionDim: 4 }
      const { norm } = adam(expected, gradients[agent], squares[agent], state, hyper, place)
      const name = `adam(agent ${agent})`
      const dims = { parameter: parameterStride }
      expectClose(`${name}.grad_norm`, [normOf(agent)], [norm], NORM)
      expectCaught(`${name}.grad_norm`, [normOf(agent)], [norm], NORM)
      expectClose(`${name}.parameters`, of(after.parameters, agent), expected, { ...PARAMETERS, dims })
      expectCaught(`${name}.parameters`, of(after.parameters, agent), expected, PARAMETERS)
      expectClose(`${name}.m`, of(after.moments, 2 * agent), state.m, { ...MOMENTS, dims })
      expectClose(`${name}.v`, of(after.moments, 2 * agent + 1), state.v, { ...MOMENTS, dims })
      if (logStd < parameterStride) {
        expect([...of(after.parameters, agent).subarray(logStd, logStd + 2)]).toEqual([2, -20])
      }
    }
    for (const i of spoiled) {
      const kept = i >= logStd ? Math.max(-20, Math.min(2, parameters[i])) : parameters[i]
      expect([after.parameters[i], after.moments[i]]).toEqual([kept, moments[i]])
    }
    const fault = 0xffffffff - (UPDATE * 16 + HEALTH_BUFFERS.indexOf('parameters'))
    expect(after.stop[STOP_STRIDE - 1]).toBe(spoiled.length > 0 ? fault : 0)
    expectUntouched('stop', after.stop, stop, (i) => i === STOP_STRIDE - 1)
    for (const agent of NOT_FINITE) expect(Number.isFinite(normOf(agent))).toBe(false)
    const live = (i: number, width: number) => LIVE.includes(Math.floor(i / width))
    expectUntouched('parameters', after.parameters, parameters, (i) => live(i, parameterStride))
    expectUntouched('moments', after.moments, moments, (i) => live(i, 2 * parameterStride))
    const words = structs.words('UpdateStats')
    const norms = (i: number) => i % words === structs.at('UpdateStats', 'grad_norm')
    expectUntouched('update_stats', after.update_stats, updateStats, (i) => {
      return (
        norms(i) && Math.floor(i / words) % NUM_UPDATES === UPDATE && Math.floor(i / words / NUM_UPDATES) !== STOPPED
      )
    })
  },
)
