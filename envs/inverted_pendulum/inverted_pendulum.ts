import { GRAVITY, healthyReward, MASS } from '../planar/params'
import { noisy, type PlanarTask, reference } from '../planar/task'
import { INVERTED_PENDULUM } from './model'

/**
 * InvertedPendulum, as Gymnasium's inverted_pendulum_v5.py, or inverted_pendulum_v4.py, which pays also for the step on which
 * the pole falls.
 */
export const invertedPendulum = (version: 4 | 5): PlanarTask => ({
  id: `InvertedPendulum-v${version}`,
  model: INVERTED_PENDULUM,
  observations: ['position of the cart', 'angle of the pole', 'velocity of the cart', 'angular velocity of the pole'],
  maxEpisodeSteps: 1000,
  rewardThreshold: 950,
  params: {
    gravity: GRAVITY,
    mass: MASS,
    healthyReward: healthyReward(1, 'Reward for each step on which the pole has not fallen.'),
  },
  start: (rng) => ({ qpos: noisy(rng, reference(INVERTED_PENDULUM), 0.01), qvel: noisy(rng, [0, 0], 0.01) }),
  observe: ({ qpos, qvel }) => [...qpos, ...qvel],
  outcome({ after, params }) {
    const terminated = !(Math.abs(after.qpos[1]) <= 0.2)
    return { reward: version === 4 || !terminated ? (params.healthyReward as number) : 0, terminated }
  },
})
