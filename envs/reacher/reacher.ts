import type { Rng } from '../../src/env/rng'
import { controlCost, MASS } from '../planar/params'
import type { PlanarState } from '../planar/state'
import { noisy, type PlanarTask, reference, sumOfSquares } from '../planar/task'
import { REACHER } from './model'

const GOAL_RADIUS = 0.2
/** The chance that so many points of a square are all outside of its circle is 4e-34; then the last one is taken. */
const MOST_GOALS = 50

/** A uniform point of the disc, as Gymnasium draws it: the first of a square that is inside. */
function drawGoal(rng: Rng): [number, number] {
  for (let i = 1; ; i++) {
    const [x, y] = noisy(rng, [0, 0], GOAL_RADIUS)
    if (Math.hypot(x, y) < GOAL_RADIUS || i === MOST_GOALS) return [x, y]
  }
}

/** Fingertip minus target at the last evaluation of the forces, which is not quite the end of the step. */
const fromTarget = ({ sites }: PlanarState): [number, number] => {
  const [x, y, targetX, targetY] = sites!
  return [x - targetX, y - targetY]
}

/**
 * Reacher, as Gymnasium's reacher_v5.py, or reacher_v4.py: it sees the distance in z too, which is 0, and is paid for the
 * distance before the step.
 */
export const reacher = (version: 4 | 5): PlanarTask => ({
  id: `Reacher-v${version}`,
  model: REACHER,
  observations: [
    'cosine of the first angle',
    'cosine of the second angle',
    'sine of the first angle',
    'sine of the second angle',
    'x of the target',
    'y of the target',
    'angular velocity of the first arm',
    'angular velocity of the second arm',
    'x of the fingertip from the target',
    'y of the fingertip from the target',
    ...(version === 4 ? ['z of the fingertip from the target'] : []),
  ],
  maxEpisodeSteps: 50,
  rewardThreshold: -3.75,
  params: { mass: MASS, controlCost: controlCost(1) },
  start(rng) {
    // Gymnasium draws four angles and puts the target into the last two.
    const [first, second] = noisy(rng, reference(REACHER), 0.1)
    const goal = drawGoal(rng)
    return { qpos: [first, second, ...goal], qvel: [...noisy(rng, [0, 0], 5e-3), 0, 0] }
  },
  observe(state) {
    const { qpos, qvel } = state
    const angles = [Math.cos(qpos[0]), Math.cos(qpos[1]), Math.sin(qpos[0]), Math.sin(qpos[1])]
    return [...angles, qpos[2], qpos[3], qvel[0], qvel[1], ...fromTarget(state), ...(version === 4 ? [0] : [])]
  },
  outcome({ before, after, action, params }) {
    const [x, y] = fromTarget(version === 4 ? before : after)
    return { reward: -Math.hypot(x, y) - (params.controlCost as number) * sumOfSquares(action), terminated: false }
  },
})
