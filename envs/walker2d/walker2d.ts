import { controlCost, FORWARD_REWARD, FRICTION, GRAVITY, healthyReward, MASS } from '../planar/params'
import { clip, noisy, type PlanarTask, reference, speed, sumOfSquares } from '../planar/task'
import { WALKER2D, WALKER2D_V4 } from './model'

const CONTROL_COST = 1e-3
const NOISE = 5e-3

const JOINTS = [
  'thigh joint',
  'leg joint',
  'foot joint',
  'left thigh joint',
  'left leg joint',
  'left foot joint',
] as const

/**
 * Walker2d, as Gymnasium's walker2d_v5.py, or walker2d_v4.py: its right foot is more slippery, and it pays the healthy reward
 * also for the step on which it falls.
 */
export function walker2d(version: 4 | 5): PlanarTask {
  const model = version === 4 ? WALKER2D_V4 : WALKER2D
  return {
    id: `Walker2d-v${version}`,
    model,
    observations: [
      'height of the torso',
      'angle of the torso',
      ...JOINTS.map((joint) => `angle of the ${joint}`),
      'x velocity',
      'y velocity',
      'angular velocity of the torso',
      ...JOINTS.map((joint) => `angular velocity of the ${joint}`),
    ],
    maxEpisodeSteps: 1000,
    rewardThreshold: null,
    params: {
      gravity: GRAVITY,
      friction: FRICTION,
      mass: MASS,
      forwardReward: FORWARD_REWARD,
      controlCost: controlCost(CONTROL_COST),
      healthyReward: healthyReward(1, 'Reward for each step on which it has not fallen.'),
    },
    start: (rng) => ({ qpos: noisy(rng, reference(model), NOISE), qvel: noisy(rng, Array(9).fill(0), NOISE) }),
    observe: ({ qpos, qvel }) => [...qpos.slice(1), ...qvel.map((v) => clip(v, 10))],
    outcome(step) {
      const { forwardReward, healthyReward, controlCost } = step.params as Record<string, number>
      const [, height, angle] = step.after.qpos
      const terminated = !(height > 0.8 && height < 2 && Math.abs(angle) < 1)
      const healthy = version === 4 || !terminated ? healthyReward : 0
      const forward = forwardReward * speed(model, step)
      return { reward: forward + healthy - controlCost * CONTROL_COST * sumOfSquares(step.action), terminated }
    },
  }
}
