import { controlCost, FORWARD_REWARD, MASS } from '../planar/params'
import { noisy, type PlanarTask, reference, speed, sumOfSquares } from '../planar/task'
import { SWIMMER } from './model'

const CONTROL_COST = 1e-4

/** Swimmer-v5 (Coulom 2002), as Gymnasium's swimmer_v5.py; v4 is the same. */
export const swimmer: PlanarTask = {
  id: 'Swimmer-v5',
  model: SWIMMER,
  observations: [
    'angle of the front',
    'angle of the first joint',
    'angle of the second joint',
    'x velocity',
    'y velocity',
    'angular velocity of the front',
    'angular velocity of the first joint',
    'angular velocity of the second joint',
  ],
  maxEpisodeSteps: 1000,
  rewardThreshold: 360,
  params: { mass: MASS, forwardReward: FORWARD_REWARD, controlCost: controlCost(CONTROL_COST) },
  start: (rng) => ({ qpos: noisy(rng, reference(SWIMMER), 0.1), qvel: noisy(rng, Array(5).fill(0), 0.1) }),
  observe: ({ qpos, qvel }) => [...qpos.slice(2), ...qvel],
  outcome(step) {
    const { forwardReward, controlCost } = step.params as Record<string, number>
    const forward = forwardReward * speed(SWIMMER, step)
    return { reward: forward - controlCost * CONTROL_COST * sumOfSquares(step.action), terminated: false }
  },
}
