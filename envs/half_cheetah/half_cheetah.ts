import { controlCost, FORWARD_REWARD, FRICTION, GRAVITY, MASS } from '../planar/params'
import { noisy, normals, type PlanarTask, reference, speed, sumOfSquares } from '../planar/task'
import { HALF_CHEETAH } from './model'

const CONTROL_COST = 0.1

/** HalfCheetah-v5 (Wawrzynski 2009), as Gymnasium's half_cheetah_v5.py; v4 is the same. */
export const halfCheetah: PlanarTask = {
  id: 'HalfCheetah-v5',
  model: HALF_CHEETAH,
  observations: [
    'height of the torso',
    'angle of the torso',
    'angle of the back thigh',
    'angle of the back shin',
    'angle of the back foot',
    'angle of the front thigh',
    'angle of the front shin',
    'angle of the front foot',
    'x velocity',
    'y velocity',
    'angular velocity of the torso',
    'angular velocity of the back thigh',
    'angular velocity of the back shin',
    'angular velocity of the back foot',
    'angular velocity of the front thigh',
    'angular velocity of the front shin',
    'angular velocity of the front foot',
  ],
  maxEpisodeSteps: 1000,
  rewardThreshold: 4800,
  params: {
    gravity: GRAVITY,
    friction: FRICTION,
    mass: MASS,
    forwardReward: FORWARD_REWARD,
    controlCost: controlCost(CONTROL_COST),
  },
  start: (rng) => ({ qpos: noisy(rng, reference(HALF_CHEETAH), 0.1), qvel: normals(rng, 9, 0.1) }),
  observe: ({ qpos, qvel }) => [...qpos.slice(1), ...qvel],
  outcome(step) {
    const { forwardReward, controlCost } = step.params as Record<string, number>
    const forward = forwardReward * speed(HALF_CHEETAH, step)
    return { reward: forward - controlCost * CONTROL_COST * sumOfSquares(step.action), terminated: false }
  },
}
