import { GRAVITY, healthyReward, MASS } from '../planar/params'
import { clip, noisy, normals, type PlanarTask, reference } from '../planar/task'
import { INVERTED_DOUBLE_PENDULUM } from './model'

/**
 * InvertedDoublePendulum, as Gymnasium's inverted_double_pendulum_v5.py, or inverted_double_pendulum_v4.py: it sees the
 * constraints' forces on all three joints, and is paid for being healthy also for the step on which the poles fall. The tip
 * and these forces are those of the last evaluation of the forces.
 */
export const invertedDoublePendulum = (version: 4 | 5): PlanarTask => ({
  id: `InvertedDoublePendulum-v${version}`,
  model: INVERTED_DOUBLE_PENDULUM,
  observations: [
    'position of the cart',
    'sine of the angle of the first pole',
    'sine of the angle of the second pole',
    'cosine of the angle of the first pole',
    'cosine of the angle of the second pole',
    'velocity of the cart',
    'angular velocity of the first pole',
    'angular velocity of the second pole',
    'force of the limits on the cart',
    ...(version === 4 ? ['torque of limits on the first pole', 'torque of limits on the second pole'] : []),
  ],
  maxEpisodeSteps: 1000,
  rewardThreshold: 9100,
  params: {
    gravity: GRAVITY,
    mass: MASS,
    healthyReward: healthyReward(10, 'Reward for each step on which the poles have not fallen.'),
  },
  start: (rng) => ({ qpos: noisy(rng, reference(INVERTED_DOUBLE_PENDULUM), 0.1), qvel: normals(rng, 3, 0.1) }),
  observe({ qpos, qvel, constraint_force }) {
    const poles = qpos.slice(1)
    const forces = constraint_force!.slice(0, version === 4 ? 3 : 1)
    return [qpos[0], ...poles.map(Math.sin), ...poles.map(Math.cos), ...[...qvel, ...forces].map((x) => clip(x, 10))]
  },
  outcome({ after, params }) {
    const [x, height] = after.sites!
    const [, first, second] = after.qvel
    const terminated = height <= 1
    const healthy = version === 4 || !terminated ? (params.healthyReward as number) : 0
    const away = 0.01 * x ** 2 + (height - 2) ** 2
    return { reward: healthy - away - (1e-3 * first ** 2 + 5e-3 * second ** 2), terminated }
  },
})
