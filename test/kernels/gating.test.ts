import { expect, test } from 'vitest'
import { PARTIAL_TAIL } from '../../src/plan/cuts'
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

// Three minibatches of four agents through reduce -> adam, as an update encodes them. The second minibatch causes the
// first agent's early stop and gives the second agent a non-finite gradient; the third agent continues; the fourth was
// halted before.
test('reduce -> adam: from the minibatch that trips on nothing moves', async () => {
  const [STEPS, HALTED, NOT_FINITE, STOP_KL] = [0, 1, 2, 3]
  const numAgents = 4
  const numUpdates = 3
  const stopStride = numUpdates + 3
  const parameterStride = 8
  const rows = 4
  const stride = parameterStride + 4 * PARTIAL_TAIL
  const slots = policySlots(shapeOf(3, 2))
  const structs = structsOf('reduce', slots)
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
    const partials = new Float32Array(numAgents * stride)
    for (let agent = 0; agent < numAgents; agent++) {
      const approxKl = rows * (update === 1 && agent === 0 ? 0.75 : 0.25)
      partials.set(randomArray(parameterStride, random), agent * stride)
      partials.set([rows, rows, rows, approxKl], agent * stride + parameterStride)
      if (update === 1 && agent === 1) partials[agent * stride + 5] = Number.NaN
    }
    const sizes = { parameterStride, numBlocks: 1, numUpdates, stopStride, update }
    const { gradients, squares, ...reduced } = await runKernel({
      stem: 'reduce',
      slots,
      args: { ...sizes, numPartials: 1, block: 256, minibatchSize: rows },
      buffers: {
        hyper,
        progress,
        partials,
        stop: state.stop,
        gradients: new Float32Array(numAgents * parameterStride),
        squares: new Float32Array(numAgents),
        update_stats: state.update_stats,
      },
      outputs: ['gradients', 'squares', 'stop', 'update_stats'],
      workgroups: [1, numAgents, 1],
    })
    const stepped = await runKernel({
      stem: 'adam',
      args: { ...sizes, logStd: parameterStride },
      buffers: {
        hyper,
        progress,
        stop: reduced.stop,
        gradients,
        squares,
        update_stats: reduced.update_stats,
        parameters: state.parameters,
        moments: state.moments,
      },
      outputs: ['parameters', 'moments', 'stop', 'update_stats'],
      workgroups: [1, numAgents, 1],
    })
    Object.assign(state, stepped)
    history.push([stepped.parameters, stepped.moments])
  }

  const slotsOf = (agent: number) => [...state.stop.subarray(agent * stopStride + 2, (agent + 1) * stopStride - 1)]
  expect([0, 1, 2, 3].map(slotsOf)).toEqual([
    [STEPS, STOP_KL, STOP_KL],
    [STEPS, STEPS, NOT_FINITE], // the next minibatch finds that there was no step
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
