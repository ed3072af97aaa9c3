import { controlCost, FORWARD_REWARD, FRICTION, GRAVITY, healthyReward, MASS } from '../planar/params'
import type { PlanarState } from '../planar/state'
import { clip, noisy, type PlanarTask, reference, speed, sumOfSquares } from '../planar/task'
import { HOPPER } from './model'

const CONTROL_COST = 1e-3
const NOISE = 5e-3

/** Upright, off the ground, and nothing too fast. */
function isHealthy({ qpos, qvel }: PlanarState): boolean {
  const bounded = [...qpos.slice(2), ...qvel].every((x) => Math.abs(x) < 100)
  return bounded && qpos[1] > 0.7 && Math.abs(qpos[2]) < 0.2
}

/**
 * Hopper (Erez, Tassa, Todorov 2011), as Gymnasium's hopper_v5.py, or hopper_v4.py, which pays the healthy reward also for
 * the step on which it falls.
 */
export const hopper = (version: 4 | 5): PlanarTask => ({
  id: `Hopper-v${version}`,
  model: HOPPER,
  observations: [
    'height of the torso',
    'angle of the torso',
    'angle of the thigh joint',
    'angle of the leg joint',
    'angle of the foot joint',
    'x velocity',
    'y velocity',
    'angular velocity of the torso',
    'angular velocity of the thigh joint',
    'angular velocity of the leg joint',
    'angular velocity of the foot joint',
  ],
  maxEpisodeSteps: 1000,
  rewardThreshold: 3800,
  params: {
    gravity: GRAVITY,
    friction: FRICTION,
    mass: MASS,
    forwardReward: FORWARD_REWARD,
    controlCost: controlCost(CONTROL_COST),
    healthyReward: healthyReward(1, 'Reward for each step on which it has not fallen.'),
  },
  start: (rng) => ({ qpos: noisy(rng, reference(HOPPER), NOISE), qvel: noisy(rng, Array(6).fill(0), NOISE) }),
  observe: ({ qpos, qvel }) => [...qpos.slice(1), ...qvel.map((v) => clip(v, 10))],
  outcome(step) {
    const { forwardReward, healthyReward, controlCost } = step.params as Record<string, number>
    const terminated = !isHealthy(step.after)
    const healthy = version === 4 || !terminated ? healthyReward : 0
    const forward = forwardReward * speed(HOPPER, step)
    return { reward: forward + healthy - controlCost * CONTROL_COST * sumOfSquares(step.action), terminated }
  },
})
