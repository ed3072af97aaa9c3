import { describe, expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { HEALTH_BUFFERS } from '../../src/metrics'
import { adam, projectLogStd } from '../../src/reference/adam'
import {
  adamHyper,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  perItem,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  structsOf,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const structs = structsOf('adam')
// Parameters below 3 round to 1.2e-7; a step of 0.1 is right to some 1e-6 of its size.
const PARAMETERS = { atol: 5e-7 }
const MOMENTS = { atol: 1e-9, rtol: 1e-6 }
const NUM_UPDATES = 3
const UPDATE = 1
const STOP_STRIDE = NUM_UPDATES + 3
const SLOT = 2 + UPDATE

/** Clipped at the first step; stopped; unclipped, later; other decays, weight decay, very late. */
const AGENTS: { options: PpoOptions; adamStep: number; gradNorm: number }[] = [
  { options: { maxGradNorm: 0.5 }, adamStep: -UPDATE, gradNorm: 3 },
  { options: {}, adamStep: 0, gradNorm: 1 },
  { options: { maxGradNorm: 10, adamEps: 1e-3 }, adamStep: 37, gradNorm: 3 },
  {
    options: { maxGradNorm: 1, adamBeta1: 0, adamBeta2: 0.5, weightDecay: 0.0078125 },
    adamStep: 5_000_000,
    gradNorm: 1,
  },
]
const LIVE = [0, 2, 3]

/** Behind the gates: the update, and the place of `parameters` in HEALTH_BUFFERS (shaders/lib/fault.wgsl). */
const FAULT = 0xffffffff - (UPDATE * 16 + HEALTH_BUFFERS.indexOf('parameters'))

/**
 * `logStd`: offset of the log standard deviations, the last 4 parameters; parameterStride for none. `spoiled` parameters of
 * the first agent have a first moment that overflows.
 */
async function run(parameterStride: number, logStd: number, spoiled: number[] = []) {
  const numAgents = AGENTS.length
  const random = randomNumbers(parameterStride)
  const update = UPDATE
  const gradients = randomArray(numAgents * parameterStride, random)
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
    else parameters[agent * parameterStride] = 2.5 // control: an ordinary weight may be as large as it likes
  }
  for (const i of spoiled) [moments[i], moments[parameterStride + i]] = [3e38, 0]
  const progress = AGENTS.map(({ adamStep }) => ({ adamStep: adamStep >>> 0 }))
  const gradNorms = unwrittenWords(numAgents * NUM_UPDATES * structs.words('UpdateStats'))
  const words = structs.words('UpdateStats')
  AGENTS.forEach(({ gradNorm }, agent) => {
    const at = (field: string) => (agent * NUM_UPDATES + update) * words + structs.at('UpdateStats', field)
    const floats = new Float32Array(gradNorms.buffer)
    floats[at('grad_norm')] = gradNorm
    floats[at('learning_rate')] = 0.125
  })
  const stop = gates(numAgents, STOP_STRIDE, { 1: [SLOT], 2: [0, 1, 2, 4] })
  const after = await runKernel({
    stem: 'adam',
    args: { parameterStride, logStd, numUpdates: NUM_UPDATES, stopStride: STOP_STRIDE, update },
    buffers: {
      hyper: hyperOf(
        structs,
        AGENTS.map(({ options }) => options),
      ),
      progress: progressOf(structs, progress),
      stop,
      gradients,
      update_stats: gradNorms,
      parameters,
      moments,
    },
    outputs: ['parameters', 'moments', 'stop'],
    workgroups: perItem(parameterStride / 4, numAgents),
  })
  for (const agent of LIVE) {
    const { options, adamStep, gradNorm } = AGENTS[agent]
    const config = resolveConfig({}, options)
    const hyper = adamHyper(config, 0.125)
    const of = (data: Float32Array, n: number) =>
      Float64Array.from(data.subarray(n * parameterStride, (n + 1) * parameterStride))
    const expected = of(parameters, agent)
    const state = { m: of(moments, 2 * agent), v: of(moments, 2 * agent + 1), t: adamStep + update }
    adam(expected, of(gradients, agent), gradNorm, state, hyper)
    projectLogStd(expected, logStd < parameterStride ? logStd : -1, 2)
    const name = `adam(agent ${agent})`
    const dims = { parameter: parameterStride }
    const got = of(after.parameters, agent)
    expectClose(`${name}.parameters`, got, expected, { ...PARAMETERS, dims })
    expectCaught(`${name}.parameters`, got, expected, PARAMETERS)
    expectClose(`${name}.m`, of(after.moments, 2 * agent), state.m, { ...MOMENTS, dims })
    expectClose(`${name}.v`, of(after.moments, 2 * agent + 1), state.v, { ...MOMENTS, dims })
    expectCaught(`${name}.v`, of(after.moments, 2 * agent + 1), state.v, MOMENTS)
    for (const i of agent === 0 ? spoiled : []) {
      expect([got[i], after.moments[i], after.moments[parameterStride + i]]).toEqual(
        [parameters[i], moments[i], moments[parameterStride + i]].map((x, k) =>
          k === 0 && i >= logStd ? Math.max(-20, Math.min(2, x)) : x,
        ),
      )
    }
    if (logStd < parameterStride) expect([...got.subarray(logStd, logStd + 2)]).toEqual([2, -20])
    else expect(got[0]).toBeGreaterThan(2)
  }
  const live = (i: number, width: number) => LIVE.includes(Math.floor(i / width))
  expect(after.stop[STOP_STRIDE - 1]).toBe(spoiled.length > 0 ? FAULT : 0)
  expectUntouched('adam.stop', after.stop, stop, (i) => i === STOP_STRIDE - 1)
  expectUntouched('adam.parameters', after.parameters, parameters, (i) => live(i, parameterStride))
  expectUntouched('adam.moments', after.moments, moments, (i) => live(i, 2 * parameterStride))
}

describe('adam', () => {
  test.each([
    [4, 4],
    [4 * 65, 4 * 65],
    [4 * 65, 4 * 64],
  ])('%o parameters, log_std at %o', (parameterStride, logStd) => run(parameterStride, logStd))

  test('a step that is not finite changes no bit of its parameter, is reported, and leaves the others alone', () =>
    run(4 * 65, 4 * 64, [3, 4 * 64 + 2]))
})
