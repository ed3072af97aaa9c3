/** Checks a rival's numbers against the CPU reference on the same data, so that the timed work is the same. */
import { cartPole } from '../../envs/cartpole/spec'
import { largest } from '../../src/extremes'
import { FAST_TWINS } from '../../src/reference/fast/twins'
import { makeWorkspace } from '../../src/reference/minibatch'
import { createReferencePpo } from '../../src/reference/ppo'
import { makeLearner, updateMinibatch } from '../../src/reference/update'
import { HarnessError } from '../cli/errors'
import type { PlainState, PlainTensor } from './page/main'
import { firstParams, named, rivalSetting, type SizedCase, type StepCase, stepBatch } from './setting'

/** The reference's state after the steps; loss and norm are those of the last step. */
export interface Expected {
  state: PlainState
  loss: number
  gradNorm: number
}

/**
 * Limits of a rival's error, as a share of the largest number of its tensor. The reference is float64 on f32 data; the
 * rivals compute in f32, sum in a different order, and compute 1 - beta^t of Adam in f32.
 */
export const LIMITS = {
  // Relative to the largest of its tensor. Measured: the worst rival reaches 0.2 of a limit.
  m: 1e-4,
  v: 1e-4,
  loss: 1e-4,
  gradNorm: 1e-4,
  // Relative to the learning rate times the number of steps: about the largest distance that a weight can move.
  params: 1e-2,
} as const

/** Of networks with relu: where a sum is nearly 0, rounding decides on which side it is. Measured: the worst rival reaches 0.8 of a limit. */
const RELU = 10

const numbers = ({ name, data }: { name: string; data: ArrayLike<number> }): PlainTensor => [
  name,
  Float64Array.from(data),
]

/** `steps` optimiser steps of the reference on the data of a case of one step. */
export function expectedSteps(sized: SizedCase<StepCase>, steps: number): Expected {
  const setting = rivalSetting(sized)
  const { layout, hyper, minibatchSize: rows } = setting
  const learner = makeLearner(layout, Float64Array.from(firstParams(setting, true)), FAST_TWINS)
  const batch = stepBatch(layout, rows)
  const work = makeWorkspace(layout, rows, false)
  const all = Uint32Array.from({ length: rows }, (_, i) => i)
  let expected: Expected | undefined
  for (let i = 0; i < steps; i++) {
    const { stats, gradNorm } = updateMinibatch(learner, batch, all, { ...hyper, normAdv: false }, work)
    if (gradNorm === null) throw new Error('rivals: the reference stopped early; targetKl must be null')
    expected = { state: stateOf(learner), loss: stats.loss, gradNorm }
  }
  return expected!
}

/** `iterations` of whole training of the reference. */
export function expectedTraining(iterations: number): Expected {
  const { config } = rivalSetting({ name: 'cartpole-cleanrl' })
  const ppo = createReferencePpo(cartPole, config)
  for (let i = 0; i < iterations; i++) ppo.iterate()
  const [{ learner, results }] = ppo.agents
  const { stats, gradNorm } = results.at(-1)!
  return { state: stateOf(learner), loss: stats.loss, gradNorm: gradNorm! }
}

function stateOf({ layout, params, adam }: ReturnType<typeof makeLearner>): PlainState {
  const plain = (padded: ArrayLike<number>) => named(layout, Float64Array.from(padded)).map(numbers)
  return { params: plain(params), m: plain(adam.m), v: plain(adam.v) }
}

/**
 * The largest error over its limit. `steps` is the number of optimiser steps done, each of which may move a weight by
 * the learning rate.
 * @throws HarnessError that names the number if one exceeds its limit, or is missing.
 */
export function checkRival(who: string, sized: SizedCase, got: Expected, expected: Expected, steps: number): number {
  const { name } = sized
  const { config, layout } = rivalSetting(sized)
  const { learningRate } = config
  const factor = layout.actor.some(({ activation }) => activation === 'relu') ? RELU : 1
  let worst = 0
  const check = (what: () => string, value: number, reference: number, limit: number): void => {
    const error = Math.abs(value - reference)
    // Written so that NaN fails.
    if (!(error <= limit)) {
      throw new HarnessError(
        `rivals: ${who}, ${name}: ${what()} is ${value}, the CPU reference has ${reference} (limit ${limit.toExponential(1)}). ` +
          'It does not compute the same thing here, so it is not timed.',
      )
    }
    worst = Math.max(worst, error / limit)
  }
  check(() => 'the loss', got.loss, expected.loss, factor * LIMITS.loss * Math.max(1, Math.abs(expected.loss)))
  check(() => 'the norm of the gradient', got.gradNorm, expected.gradNorm, factor * LIMITS.gradNorm * expected.gradNorm)
  for (const part of ['m', 'v', 'params'] as const) {
    const values = new Map(got.state[part])
    for (const [tensor, reference] of expected.state[part]) {
      const found = values.get(tensor)
      if (found?.length !== reference.length)
        throw new HarnessError(`rivals: ${who}, ${name}: ${part} of ${tensor} is missing or has another size.`)
      const limit =
        part === 'params'
          ? LIMITS.params * learningRate * steps
          : factor * LIMITS[part] * largest(Float64Array.from(reference, Math.abs), 0)
      for (let i = 0; i < reference.length; i++)
        check(() => `${part} of ${tensor}[${i}]`, found[i], reference[i], limit)
    }
  }
  return worst
}
