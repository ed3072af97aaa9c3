import { describe, expect, test } from 'vitest'
import {
  firstNormaliser,
  normaliserLayout,
  normaliserStride,
  normSlot,
  readNormaliser,
} from '../../src/model/normaliser'
import { policySlots } from '../../src/plan/kernels'
import { makeNormaliser } from '../../src/reference/normaliser'
import { updateNormaliser } from '../../src/reference/update_normaliser'
import { expectCaught, expectClose, expectUntouched, gates, randomNumbers, runKernel, shapeOf } from '../support/kernel'

const OBS_DIM = 3
const shape = shapeOf(OBS_DIM, 2)
const layout = normaliserLayout(OBS_DIM)
// A mean near 100 rounds to 4e-6 and may differ from another by 10, so the square of a difference is off by 1e-4 at most.
const LIMIT = { atol: 1e-4, rtol: 3e-6 }

/** The moments of `samples`, one environment's, in f64: the input of the kernel. */
function moments(samples: number[]): [mean: number, m2: number] {
  const mean = samples.reduce((a, b) => a + b, 0) / samples.length
  return [mean, samples.reduce((sum, x) => sum + (x - mean) ** 2, 0)]
}

/** Three agents, the second one without an update: two iterations one after the other. */
async function run(numEnvs: number, numSteps: number, norm: { normObs: boolean; normReward: boolean }) {
  const numAgents = 3
  const random = randomNumbers(numEnvs + numSteps)
  const stride = normaliserStride(OBS_DIM, numEnvs)
  let data = new Float32Array(numAgents * stride)
  const references = Array.from({ length: numAgents }, () => makeNormaliser({ ...norm, gamma: 0.5 }, OBS_DIM, numEnvs)!)
  references.forEach((_, agent) => {
    data.set(firstNormaliser(OBS_DIM, numEnvs, 0.5), agent * stride)
  })
  for (let iteration = 0; iteration < 2; iteration++) {
    for (const [agent, reference] of references.entries()) {
      reference.seenObs = Array.from({ length: numEnvs * numSteps * OBS_DIM }, () => Math.fround(100 + 10 * random()))
      reference.seenReturns = Array.from({ length: numEnvs * numSteps }, () => Math.fround(10 * random()))
      for (let env = 0; env < numEnvs; env++) {
        const at = agent * stride + layout.agentFloats + env * layout.envFloats
        const steps = Array.from({ length: numSteps }, (_, step) => step * numEnvs + env)
        data[at + layout.envSteps] = numSteps
        data[at + layout.envReturn] = 7 + env
        const returns = moments(steps.map((i) => reference.seenReturns[i]))
        ;[data[at + layout.envReturnMean], data[at + layout.envReturnM2]] = norm.normReward ? returns : [0, 0]
        for (let k = 0; k < OBS_DIM && norm.normObs; k++) {
          const own = moments(steps.map((i) => reference.seenObs[i * OBS_DIM + k]))
          ;[data[at + layout.envObsMean + k], data[at + layout.envObsM2 + k]] = own
        }
      }
    }
    const before = data.slice()
    const after = await runKernel({
      stem: 'update_normaliser',
      slots: { ...policySlots(shape), norm: normSlot(norm, OBS_DIM) },
      args: { numEnvs, stopStride: 4 },
      buffers: { stop: gates(numAgents, 4, { 1: [1], 2: [0, 2] }), normaliser: data },
      outputs: ['normaliser'],
      workgroups: [numAgents, 1, 1],
    })
    data = after.normaliser as Float32Array<ArrayBuffer>
    expectUntouched('normaliser', data, before, (i) => Math.floor(i / stride) !== 1)
    for (const agent of [0, 2]) {
      const own = data.subarray(agent * stride, (agent + 1) * stride)
      const got = readNormaliser(norm, OBS_DIM, own)
      updateNormaliser(references[agent])
      for (const name of ['obs', 'returns'] as const) {
        const [gpu, ref] = [got[name], references[agent].stats[name]]
        if (!gpu || !ref) {
          expect(gpu).toBe(ref)
          continue
        }
        const numbers = (r: typeof gpu): number[] => [...r.mean.map((m) => m + 100), ...r.variance, r.count]
        expectClose(`agent ${agent}, ${name}`, numbers(gpu), numbers(ref), LIMIT)
        expectCaught(`agent ${agent}, ${name}`, numbers(gpu), numbers(ref), LIMIT)
      }
      // The moments are cleared; the running returns continue.
      for (let env = 0; env < numEnvs; env++) {
        const at = layout.agentFloats + env * layout.envFloats
        const wanted = new Float32Array(layout.envFloats)
        wanted[layout.envReturn] = 7 + env
        expect(own.subarray(at, at + layout.envFloats)).toEqual(wanted)
      }
    }
  }
}

describe('update_normaliser', () => {
  test.each([
    [1, 1, true, true],
    [7, 123, true, true],
    [65, 3, true, false],
    [130, 2, false, true],
  ])('%o environments x %o steps, observations %o, rewards %o', (numEnvs, numSteps, normObs, normReward) =>
    run(numEnvs, numSteps, { normObs, normReward }),
  )
})
