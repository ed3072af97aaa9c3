import { type PlanarTask, uniform } from 'ppo-webgpu'
import { robot } from './robot'

const NOISE = 0.05
const SECONDS = robot.timestep * robot.frameSkip

/** Crawl to the right; effort costs a little. The same as the WGSL, in float64. */
export const crawling: PlanarTask = {
  id: 'Crawler-v0',
  model: robot,
  observations: [
    'height of the sledge',
    'tilt of the sledge',
    'angle of the shoulder',
    'angle of the elbow',
    'x velocity',
    'y velocity',
    'angular velocity of the sledge',
    'angular velocity of the shoulder',
    'angular velocity of the elbow',
  ],
  maxEpisodeSteps: 250,
  rewardThreshold: null,
  params: {},
  start(rng) {
    const noise = (): number => NOISE * (2 * uniform(rng) - 1)
    const qpos = robot.joints.map(({ ref }) => ref + noise())
    return { qpos, qvel: robot.joints.map(noise) }
  },
  observe: ({ qpos, qvel }) => [...qpos.slice(1), ...qvel],
  outcome({ before, after, action }) {
    const speed = (after.qpos[0] - before.qpos[0]) / SECONDS
    const effort = action[0] ** 2 + action[1] ** 2
    return { reward: speed - 0.01 * effort, terminated: false }
  },
}
