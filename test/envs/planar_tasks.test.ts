/** The twins of the MuJoCo tasks: observations, rewards and ends against recordings; first states; parameters. */
import { describe, expect, test } from 'vitest'
import { halfCheetah } from '../../envs/half_cheetah/half_cheetah'
import { hopper } from '../../envs/hopper/hopper'
import { invertedDoublePendulum } from '../../envs/inverted_double_pendulum/inverted_double_pendulum'
import { invertedPendulum } from '../../envs/inverted_pendulum/inverted_pendulum'
import { type PlanarTask, planarTwin } from '../../envs/planar/task'
import { reacher } from '../../envs/reacher/reacher'
import { swimmer } from '../../envs/swimmer/swimmer'
import { walker2d } from '../../envs/walker2d/walker2d'
import { defaultParams, type ParamValues } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { planarError, planarStateAt, readPlanar } from './planar_golden'

/** Rounding of float64; the largest is 2e-13. */
const LIMIT = 1e-12
const noRng = makeRng(0, 0, STREAM.ENV_STEP, 0)

interface Case {
  task: PlanarTask
  /** What differs in v4. */
  v4?: PlanarTask
  obsDim: [v5: number, v4?: number]
  /** Largest distance of positions and velocities from the reference pose at the start; null: normal, 0.1. */
  noise: [number, number | null]
  draws: number
}
const cases: Case[] = [
  { task: halfCheetah, obsDim: [17], noise: [0.1, null], draws: 9 + 5 },
  { task: hopper(5), v4: hopper(4), obsDim: [11, 11], noise: [5e-3, 5e-3], draws: 12 },
  // The recorded rewards of v4 are of v5's physics.
  {
    task: walker2d(5),
    v4: { ...walker2d(4), model: walker2d(5).model },
    obsDim: [17, 17],
    noise: [5e-3, 5e-3],
    draws: 18,
  },
  { task: swimmer, obsDim: [8], noise: [0.1, 0.1], draws: 10 },
  { task: invertedPendulum(5), v4: invertedPendulum(4), obsDim: [4, 4], noise: [0.01, 0.01], draws: 4 },
  { task: invertedDoublePendulum(5), v4: invertedDoublePendulum(4), obsDim: [9, 11], noise: [0.1, null], draws: 3 + 2 },
]

const observed = (task: PlanarTask, state: Parameters<PlanarTask['observe']>[0]): Float64Array => {
  const obs = new Float64Array(task.observations.length)
  planarTwin(task).observe(state, obs, 0)
  return obs
}

/** Replays every recorded transition. */
function replay(task: PlanarTask, check: (i: number, reward: number, terminated: boolean, obs: Float64Array) => void) {
  const { q, v, w, a } = readPlanar(task.id.replace('-v4', '-v5')).transitions
  q.forEach((qpos, i) => {
    const state = planarStateAt(task.model, qpos, v[i], w[i])
    const { reward, terminated } = planarTwin(task).step(state, a[i], noRng)
    check(i, reward, terminated, observed(task, state))
  })
  return q.length
}

describe.each([...cases, { task: reacher(5), v4: reacher(4), obsDim: [10, 11] }])(
  '$task.id',
  ({ task, v4, obsDim }) => {
    const { o, r, r4, te } = readPlanar(task.id).transitions

    test('observations, rewards and ends are those of Gymnasium', () => {
      const count = replay(task, (i, reward, terminated, obs) => {
        expect(planarError(obs, o[i]), `step ${i}: observation`).toBeLessThanOrEqual(LIMIT)
        expect(planarError([reward], [r[i]]), `step ${i}: reward`).toBeLessThanOrEqual(LIMIT)
        expect(terminated, `step ${i}: terminated`).toBe(te[i] === 1)
      })
      expect(count).toBe(50)
      expect([task, ...(v4 ? [v4] : [])].map(({ observations }) => observations.length)).toEqual(obsDim)
    })

    test('a step gets the rewards of v4', () => {
      if (!v4) {
        expect(r4).toBeUndefined()
        return
      }
      // Reacher-v4 is paid for where the step before left the sites, which is not recorded but for steps after a reset.
      const known = (i: number): boolean =>
        !v4.id.startsWith('Reacher') || readPlanar(task.id).transitions.w[i].every((x) => x === 0)
      replay(v4, (i, reward, terminated) => {
        if (known(i)) expect(planarError([reward], [r4![i]]), `step ${i}: reward`).toBeLessThanOrEqual(LIMIT)
        expect(terminated, `step ${i}: terminated`).toBe(te[i] === 1)
      })
    })
  },
)

describe('first states', () => {
  test.each(cases)('$task.id: uniform or normal numbers around the reference pose', ({ task, noise, draws }) => {
    const widest = { qpos: 0, qvel: 0 }
    let squares = 0
    for (let env = 0; env < 300; env++) {
      const rng = makeRng(1, 0, STREAM.ENV_RESET, env)
      const { qpos, qvel, warmstart } = planarTwin(task).reset(rng)
      expect(rng.draw).toBe(draws)
      expect(warmstart.every((x) => x === 0)).toBe(true)
      qpos.forEach((q, j) => {
        widest.qpos = Math.max(widest.qpos, Math.abs(q - task.model.joints[j].ref))
      })
      for (const x of qvel) {
        widest.qvel = Math.max(widest.qvel, Math.abs(x))
        squares += x * x
      }
    }
    const within = (x: number, width: number): void => {
      expect(x).toBeLessThanOrEqual(width)
      expect(x).toBeGreaterThan(0.95 * width)
    }
    within(widest.qpos, noise[0])
    if (noise[1] !== null) within(widest.qvel, noise[1])
    else expect(Math.sqrt(squares / (300 * task.model.joints.length))).toBeCloseTo(0.1, 2)
  })

  test('Reacher: the target is in a disc of 0.2 m, at rest, and the sites are where the arm and the target are', () => {
    let far = 0
    for (let env = 0; env < 300; env++) {
      const state = planarTwin(reacher(5)).reset(makeRng(1, 0, STREAM.ENV_RESET, env))
      const { qpos, qvel, sites } = state
      far = Math.max(far, Math.hypot(qpos[2], qpos[3]))
      expect(qvel.slice(2)).toEqual([0, 0])
      expect(Math.max(...qvel.map(Math.abs))).toBeLessThanOrEqual(5e-3)
      const reach = (f: (x: number) => number): number => 0.1 * f(qpos[0]) + 0.11 * f(qpos[0] + qpos[1])
      expect(planarError(sites!, [reach(Math.cos), reach(Math.sin), qpos[2], qpos[3]])).toBeLessThan(1e-15)
    }
    expect(far).toBeLessThan(0.2)
    expect(far).toBeGreaterThan(0.19)
  })
})

describe('parameters', () => {
  /** The state and reward after one step from a state in the air at rest, or from a given one. */
  const stepped = (task: PlanarTask, action: number[], change: ParamValues, q?: number[], v?: number[]) => {
    const { model } = task
    const qpos = q ?? model.joints.map(({ ref, name }) => (name === 'rootz' ? ref + 3 : ref))
    const state = planarStateAt(model, qpos, v ?? model.joints.map(() => 0))
    const { reward } = planarTwin(task).step(state, action, noRng, { ...defaultParams(task), ...change })
    return { ...state, reward }
  }
  const still = (task: PlanarTask): number[] => task.model.actuators.map(() => 0)

  test('gravity: a body in the air falls in proportion', () => {
    for (const task of [halfCheetah, hopper(5), walker2d(5)]) {
      const time = task.model.timestep * task.model.frameSkip
      for (const gravity of [0.5, 1, 2]) {
        expect(stepped(task, still(task), { gravity }).qvel[1]).toBeCloseTo(-9.81 * gravity * time, 10)
      }
    }
  })

  test('mass: a motor moves a cart of another mass in proportion', () => {
    const task = invertedPendulum(5)
    const pushed = (mass: number): number => stepped(task, [1], { mass, gravity: 0 }).qvel[0]
    // The joints' damping, 1 N s/m, does not scale.
    expect(pushed(0.5) / pushed(1)).toBeCloseTo(2, 1)
    expect(pushed(2) / pushed(1)).toBeCloseTo(0.5, 1)
    // A falling body does not care.
    expect(stepped(hopper(5), still(hopper(5)), { mass: 2 }).qvel[1]).toBeCloseTo(-9.81 * 0.008, 10)
  })

  test('friction: it matters in some states on the floor, and never in the air', () => {
    const task = halfCheetah
    const { q, v } = readPlanar(task.id).transitions
    const change = (i: number, height: number): number => {
      const [low, high] = [0.2, 2].map((friction) => {
        const qpos = q[i].map((x, j) => (j === 1 ? x + height : x))
        return stepped(task, still(task), { friction }, qpos, v[i]).qvel[0]
      })
      return Math.abs(low - high)
    }
    expect(q.some((_, i) => change(i, 0) > 0.1)).toBe(true)
    expect(q.every((_, i) => change(i, 3) === 0)).toBe(true)
  })

  test('rewards: for speed, for health, cost of control', () => {
    const action = [0.5, -1, 2]
    const task = hopper(5)
    const base = stepped(task, action, { forwardReward: 0, controlCost: 0, healthyReward: 0 })
    expect(base.reward).toBeCloseTo(0, 15)
    expect(stepped(task, action, { forwardReward: 0, healthyReward: 3, controlCost: 0 }).reward).toBe(3)
    const cost = stepped(task, action, { forwardReward: 0, healthyReward: 0, controlCost: 10 }).reward
    expect(cost).toBeCloseTo(-10 * 1e-3 * 5.25, 15)
    const fast = stepped(task, action, { forwardReward: 2, healthyReward: 0, controlCost: 0 })
    expect(fast.reward).toBeCloseTo((2 * fast.qpos[0]) / 0.008, 12)
    expect(stepped(invertedDoublePendulum(5), [0], {}).reward).toBeCloseTo(10 - 0.8 ** 2, 3)
  })
})
