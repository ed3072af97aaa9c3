/** Parameters that planar robots share. Factors are 1 by default, so that f32 holds the original's constants exactly. */
import type { NumberParam } from '../../src/env/params'

export const GRAVITY: NumberParam = { default: 1, min: 0.2, max: 2, help: 'Factor of gravity.' }
export const FRICTION: NumberParam = { default: 1, min: 0.2, max: 2, help: 'Factor of the friction of all contacts.' }
export const MASS: NumberParam = {
  default: 1,
  min: 0.5,
  max: 2,
  help: "Factor of all masses and moments of inertia. Motors' rotors and the softness of contacts stay the same.",
}
export const FORWARD_REWARD: NumberParam = {
  default: 1,
  min: 0,
  max: 10,
  help: 'Reward for each m/s to the right.',
}
/** `weight`: what it is multiplied by. */
export const controlCost = (weight: number): NumberParam => ({
  default: 1,
  min: 0,
  max: 10,
  help: `Factor of the cost of control, ${weight} times the sum of squared actions.`,
})
export const healthyReward = (weight: number, help: string): NumberParam => ({ default: weight, min: 0, max: 20, help })
