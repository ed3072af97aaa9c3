/**
 * The twins of the planar robots against MuJoCo itself, the WASM build of its authors: from random states, one step of the
 * environment with a random action. The models are written from our constants, so MuJoCo's compiler checks the inverse
 * weights, and its engine everything else.
 */
import loadMujoco from '@mujoco/mujoco'
import { describe, expect, test } from 'vitest'
import { HALF_CHEETAH } from '../../envs/half_cheetah/model'
import { HOPPER } from '../../envs/hopper/model'
import { INVERTED_DOUBLE_PENDULUM } from '../../envs/inverted_double_pendulum/model'
import { INVERTED_PENDULUM } from '../../envs/inverted_pendulum/model'
import { advance } from '../../envs/planar/integrate'
import type { PlanarModel } from '../../envs/planar/model'
import { stateAt } from '../../envs/planar/state'
import { REACHER } from '../../envs/reacher/model'
import { SWIMMER } from '../../envs/swimmer/model'
import { WALKER2D, WALKER2D_V4 } from '../../envs/walker2d/model'
import { mjcf } from '../../harness/peers/mjcf'
import { makeRng, type Rng, STREAM, uniform } from '../../src/env/rng'

const mujoco = await loadMujoco()
const STATES = 60
const LIMIT = 1e-10

const between = (rng: Rng, low: number, high: number): number => low + (high - low) * uniform(rng)

/**
 * Positions from end to end of the joints' ranges and beyond them; robots with a floor from deep in it to above it.
 */
function randomState(model: PlanarModel, rng: Rng): { qpos: number[]; qvel: number[] } {
  const qpos = model.joints.map(({ kind, range, ref, body }) => {
    if (range) return between(rng, range[0] - 0.05, range[1] + 0.05)
    if (kind === 'slide') return ref + (model.floor ? between(rng, -0.6, 0.2) : between(rng, -1, 1))
    return between(rng, -1, 1) * (model.bodies[body].parent < 0 ? 1.5 : 3)
  })
  return { qpos, qvel: model.joints.map(() => between(rng, -4, 4)) }
}

const farthest = (got: ArrayLike<number>, wanted: ArrayLike<number>): number =>
  Array.from(wanted).reduce((most, x, i) => Math.max(most, Math.abs(got[i] - x) / Math.max(1, Math.abs(x))), 0)

describe.each(
  [HALF_CHEETAH, HOPPER, WALKER2D, WALKER2D_V4, SWIMMER, REACHER, INVERTED_PENDULUM, INVERTED_DOUBLE_PENDULUM].map(
    (model) => [model === WALKER2D_V4 ? 'walker2d v4' : model.name, model] as const,
  ),
)('%s', (_, model) => {
  const compiled = mujoco.MjModel.from_xml_string(mjcf(model, 0))!
  const data = new mujoco.MjData(compiled)

  test('MuJoCo compiles the same inverse weights', () => {
    const bodies = model.bodies.map(({ invweight }) => invweight)
    const found = bodies.map((_, b) => compiled.body_invweight0[2 * (b + 1)])
    expect(farthest(found, bodies)).toBeLessThan(1e-12)
    const joints = model.joints.map(({ invweight }) => invweight)
    expect(farthest(compiled.dof_invweight0, joints)).toBeLessThan(1e-12)
  })

  test('steps from random states', () => {
    const rng = makeRng(7, 0, STREAM.ENV_STEP, 0)
    let touched = 0
    for (let i = 0; i < STATES; i++) {
      const { qpos, qvel } = randomState(model, rng)
      const ctrl = model.actuators.map(({ range }) => between(rng, 1.2 * range[0], 1.2 * range[1]))
      mujoco.mj_resetData(compiled, data)
      data.qpos.set(qpos)
      data.qvel.set(qvel)
      data.ctrl.set(ctrl)
      for (let k = 0; k < model.frameSkip; k++) mujoco.mj_step(compiled, data)
      touched += Number(data.nefc > 0)
      const state = stateAt(model, qpos, qvel)
      advance(model, state, ctrl)
      expect(farthest(state.qpos, data.qpos), `qpos of state ${i}`).toBeLessThan(LIMIT)
      expect(farthest(state.qvel, data.qvel), `qvel of state ${i}`).toBeLessThan(LIMIT)
      if (state.constraint_force) {
        expect(farthest(state.constraint_force, data.qfrc_constraint), `forces of state ${i}`).toBeLessThan(LIMIT)
      }
      const upright = model.gravity[1] !== 0
      const sites = model.sites.flatMap((_, s) => [data.site_xpos[3 * s], data.site_xpos[3 * s + (upright ? 2 : 1)]])
      if (state.sites) expect(farthest(state.sites, sites), `sites of state ${i}`).toBeLessThan(LIMIT)
    }
    // The limits or the floor took part in many of them.
    expect(touched).toBeGreaterThan(STATES / 15)
  })
})
