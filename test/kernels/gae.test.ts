import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { gae } from '../../src/reference/gae'
import {
  columnOf,
  endFlags,
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  isField,
  makeRecords,
  perItem,
  randomArray,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  unwritten,
} from '../support/kernel'

// Rewards and values up to 2: advantages add up 1 / (1 - gamma lambda) of them, up to about 20, each rounded to 6e-8 of
// its size on the way.
const LIMIT = { atol: 3e-6, rtol: 5e-7 }

const shape = shapeOf(3, 2)
const slots = policySlots(shape)

// Three agents with their own hyperparameters: the first treats a time limit as an end, the second is halted.
const AGENTS = [
  { gamma: 0.9, gaeLambda: 0.8, bootstrapTruncated: false },
  { gamma: 0.5, gaeLambda: 0.5 },
  { gamma: 0.99, gaeLambda: 0.95, bootstrapTruncated: true },
]

/** How episodes end at (step, env): terminated, truncated. The first and the last step have every combination. */
function endsAt(step: number, env: number, numSteps: number, random: () => number): [number, number] {
  if (step === numSteps - 1) return [Number(env % 4 === 1 || env % 4 === 3), Number(env % 4 >= 2)]
  if (step === 0) return [Number(env % 3 === 1), Number(env % 3 === 2)]
  return [Number(random() > 0.8), Number(random() > 0.8)]
}

async function run(numSteps: number, numEnvs: number) {
  const numAgents = AGENTS.length
  const agentRows = (numSteps + 1) * numEnvs
  const n = numSteps * numEnvs
  const structs = structsOf('gae', slots)
  const random = randomNumbers(numSteps * 1000 + numEnvs)
  const transitions = makeRecords(shape, numAgents * agentRows)
  const valuesAt = 5 // after the policy's outputs, with a gap
  const heads = unwritten(valuesAt + numAgents * numEnvs * 4)
  const finalValues = unwritten(numAgents * n * 4)
  const inputs = AGENTS.map((hyper, agent) => {
    const rewards = randomArray(n, random, 2)
    const values = randomArray(agentRows, random, 2)
    const terminated = new Uint8Array(n)
    const truncated = new Uint8Array(n)
    const finals = new Float32Array(n).fill(Number.NaN) // only that of a truncated step may be read
    for (let i = 0; i < n; i++) {
      const ends = endsAt(Math.floor(i / numEnvs), i % numEnvs, numSteps, random)
      terminated[i] = ends[0]
      truncated[i] = ends[1]
      if (ends[1] && !ends[0]) finals[i] = 2 * random()
      finalValues[(agent * n + i) * 4] = finals[i]
    }
    const first = agent * agentRows
    setColumn(shape, transitions, 'reward', rewards, first)
    setColumn(shape, transitions, 'value', values.subarray(0, n), first)
    setColumn(shape, transitions, 'flags', endFlags(terminated, truncated), first)
    for (let env = 0; env < numEnvs; env++) heads[valuesAt + (agent * numEnvs + env) * 4] = values[n + env]
    return {
      bootstrapTruncated: true,
      ...hyper,
      numSteps,
      numEnvs,
      rewards,
      values,
      finalValues: finals,
      terminated,
      truncated,
    }
  })
  const buffers = {
    hyper: hyperOf(structs, AGENTS),
    stop: gates(numAgents, 4, { 1: [0], 2: [1, 2, 3] }), // gates after the rollout's have no effect here
    heads,
    final_values: finalValues,
    transitions,
  }
  const after = await runKernel({
    stem: 'gae',
    slots,
    args: { numEnvs, numSteps, stopStride: 4, values: valuesAt, valueStride: 4 },
    buffers,
    outputs: ['transitions'],
    workgroups: perItem(numEnvs, numAgents),
  })
  return { inputs, transitions, after: after.transitions, agentRows, n }
}

describe('gae', () => {
  test.each([
    [1, 1],
    [123, 7],
    [5, 65],
  ])('%o steps x %o environments', async (numSteps, numEnvs) => {
    const { inputs, transitions, after, agentRows, n } = await run(numSteps, numEnvs)
    const dims = { step: numSteps, env: numEnvs }
    for (const agent of [0, 2]) {
      const advantages = new Float64Array(n)
      const returns = new Float64Array(n)
      gae(inputs[agent], advantages, returns)
      const got = columnOf(shape, after, 'advantage', n, agent * agentRows)
      expectClose(`gae(agent ${agent}).advantages`, got, advantages, { ...LIMIT, dims })
      expectCaught(`gae(agent ${agent}).advantages`, got, advantages, { ...LIMIT, dims })
      expectClose('gae.returns', columnOf(shape, after, 'return', n, agent * agentRows), returns, { ...LIMIT, dims })
    }
    const written = isField(shape, ['advantage', 'return', 'finalValue'], (row) => {
      return row % agentRows < n && [0, 2].includes(Math.floor(row / agentRows))
    })
    expectUntouched('gae.transitions', after, transitions, written)
  })

  test('control: with a time limit taken for an end the result differs', async () => {
    const { inputs, after, agentRows, n } = await run(5, 65)
    const wrong = [new Float64Array(n), new Float64Array(n)]
    gae({ ...inputs[2], bootstrapTruncated: false }, wrong[0], wrong[1])
    const got = columnOf(shape, after, 'advantage', n, 2 * agentRows)
    expect(() => expectClose('gae.advantages', got, wrong[0], LIMIT)).toThrow('gae.advantages[')
  })
})
