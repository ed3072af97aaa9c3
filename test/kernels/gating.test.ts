import { expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import {
  gates,
  hyperOf,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
} from '../support/kernel'

// Three minibatches of four agents through loss_stats -> grad_norm -> adam, as an update encodes them. The second
// minibatch trips the first agent's early stop and brings the second agent a gradient that is not finite; the third
// agent goes on; the fourth was halted before.
test('loss_stats -> grad_norm -> adam: from the minibatch that trips on nothing moves', async () => {
  const [STEPS, HALTED, NOT_FINITE, STOP_KL] = [0, 1, 2, 3]
  const numAgents = 4
  const numUpdates = 3
  const stopStride = numUpdates + 3
  const parameterStride = 8
  const rows = 4
  const slots = policySlots(shapeOf(3, 2))
  const structs = structsOf('loss_stats', slots)
  const random = randomNumbers(5)
  const agents = Array(numAgents).fill({ targetKl: 0.5 })
  const hyper = hyperOf(structs, agents)
  const progress = progressOf(structs, Array(numAgents).fill({ learningRate: 0.1 }))
  const state = {
    stop: gates(numAgents, stopStride, { 3: [0, 1] }),
    update_stats: new Uint32Array(numAgents * numUpdates * structs.words('UpdateStats')),
    parameters: randomArray(numAgents * parameterStride, random),
    moments: new Float32Array(numAgents * 2 * parameterStride),
  }
  const history: Float32Array[][] = [[state.parameters, state.moments]]
  for (let update = 0; update < numUpdates; update++) {
    const approxKl = (agent: number) => (update === 1 && agent === 0 ? 0.75 : 0.25)
    const losses = Array.from({ length: numAgents * rows }, (_, i) => ({
      pgLoss: 1,
      vLoss: 1,
      entropy: 1,
      approxKl: approxKl(Math.floor(i / rows)),
      oldApproxKl: 0,
      clipfrac: 0,
      kl: 0,
      situation: 1,
      newLogprob: 0,
      ratio: 1,
    }))
    const gradients = randomArray(numAgents * parameterStride, random)
    if (update === 1) gradients[parameterStride + 5] = Number.NaN
    const { stop, update_stats } = await runKernel({
      stem: 'loss_stats',
      slots,
      args: {
        minibatchSize: rows,
        numUpdates,
        numPartials: 1,
        stopStride,
        parameterStride,
        logStd: 0,
        dLogStd: 0,
        update,
      },
      buffers: {
        hyper,
        progress,
        losses: structs.write('SampleLoss', losses),
        d_heads: new Float32Array(4),
        stop: state.stop,
        update_stats: state.update_stats,
        partials: new Float32Array(numAgents * parameterStride),
      },
      outputs: ['stop', 'update_stats'],
      workgroups: [numAgents, 1, 1],
    })
    const normed = await runKernel({
      stem: 'grad_norm',
      args: { parameterStride, numUpdates, stopStride, update },
      buffers: { gradients, stop, update_stats },
      outputs: ['stop', 'update_stats'],
      workgroups: [numAgents, 1, 1],
    })
    const stepped = await runKernel({
      stem: 'adam',
      args: { parameterStride, logStd: parameterStride, numUpdates, stopStride, update },
      buffers: {
        hyper,
        progress,
        stop: normed.stop,
        gradients,
        update_stats: normed.update_stats,
        parameters: state.parameters,
        moments: state.moments,
      },
      outputs: ['parameters', 'moments'],
      workgroups: [1, numAgents, 1],
    })
    Object.assign(state, normed, stepped)
    history.push([stepped.parameters, stepped.moments])
  }

  const slotsOf = (agent: number) => [...state.stop.subarray(agent * stopStride + 2, (agent + 1) * stopStride - 1)]
  expect([0, 1, 2, 3].map(slotsOf)).toEqual([
    [STEPS, STOP_KL, STOP_KL],
    [STEPS, NOT_FINITE, NOT_FINITE],
    [STEPS, STEPS, STEPS],
    [HALTED, HALTED, HALTED],
  ])
  const evaluated = (agent: number) =>
    [0, 1, 2].map((u) => structs.read('UpdateStats', state.update_stats, agent * numUpdates + u).evaluated)
  expect([0, 1, 2, 3].map(evaluated)).toEqual([
    [1, 1, 0],
    [1, 1, 0],
    [1, 1, 1],
    [0, 0, 0],
  ])
  // Which updates moved an agent's weights, and which its moments.
  const own = (data: Float32Array, agent: number) =>
    data.subarray((agent * data.length) / numAgents, ((agent + 1) * data.length) / numAgents).join()
  const moved = (agent: number, k: number) =>
    [1, 2, 3].map((u) => own(history[u][k], agent) !== own(history[u - 1][k], agent))
  for (const k of [0, 1]) {
    expect([0, 1, 2, 3].map((agent) => moved(agent, k))).toEqual([
      [true, false, false],
      [true, false, false],
      [true, true, true],
      [false, false, false],
    ])
  }
  expect([...state.parameters, ...state.moments].every(Number.isFinite)).toBe(true)
})
