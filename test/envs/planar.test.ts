/** The float64 twin of planar robots against MuJoCo: every intermediate quantity of the forces, then whole steps. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../envs/planar/constraints'
import { forward } from '../../envs/planar/forward'
import { advance } from '../../envs/planar/integrate'
import { stateAt } from '../../envs/planar/state'
import { WALKER2D_V4 } from '../../envs/walker2d/model'
import { PLANAR_TASKS, planarError, readPlanar } from './planar_golden'

/** Rounding of float64, as both sides sum in another order; the largest is 4e-13. */
const LIMIT = 1e-12

/** MuJoCo's types of constraints. */
const TYPES: Record<Row['kind'], number> = { limit: 3, frictionless: 5, pyramid: 6 }

/** Constants of a compiled model of MuJoCo. */
const compiled = (file: string): Record<string, number[]> =>
  JSON.parse(readFileSync(new URL(`../golden/models/${file}.json`, import.meta.url), 'utf8'))

test.each([...PLANAR_TASKS.map(({ model }) => model), WALKER2D_V4])("the constants of $name are MuJoCo's", (model) => {
  const files: Record<string, string> = { walker2d: 'walker2d_v5', walker2d_v4: 'walker2d' }
  const file = compiled(files[model.name] ?? model.name)
  const { bodies, joints, actuators, capsules, floor } = model
  // Body 0 is the world.
  expect([0, ...bodies.map(({ mass }) => mass)]).toEqual(file.body_mass)
  expect([0, ...bodies.map(({ invweight }) => invweight)]).toEqual(file.body_invweight0.filter((_, i) => i % 2 === 0))
  expect(joints.map(({ invweight }) => invweight)).toEqual(file.dof_invweight0)
  expect(joints.map(({ body }) => body + 1)).toEqual(file.dof_bodyid)
  expect(joints.map(({ ref }) => ref)).toEqual(file.qpos0)
  expect(joints.map(({ springRef }) => springRef)).toEqual(file.qpos_spring)
  expect(joints.map(({ damping }) => damping)).toEqual(file.dof_damping)
  expect(joints.map(({ armature }) => armature)).toEqual(file.dof_armature)
  expect(joints.map(({ stiffness }) => stiffness)).toEqual(file.jnt_stiffness)
  expect(joints.map(({ margin }) => margin)).toEqual(file.jnt_margin)
  expect(joints.flatMap(({ solref }) => solref)).toEqual(file.jnt_solref)
  expect(joints.flatMap(({ solimp }) => solimp)).toEqual(file.jnt_solimp)
  expect(joints.map(({ range }) => Number(range !== null))).toEqual(file.jnt_limited)
  expect(joints.flatMap(({ range }) => range ?? [0, 0])).toEqual(file.jnt_range)
  expect(actuators.map(({ gear }) => gear)).toEqual(file.actuator_gear.filter((_, i) => i % 6 === 0))
  expect(actuators.flatMap(({ range }) => range)).toEqual(file.actuator_ctrlrange)
  if (!floor) return
  const surfaces = [floor, ...capsules]
  expect(surfaces.map(({ friction }) => friction)).toEqual(file.geom_friction.filter((_, i) => i % 3 === 0))
  expect(surfaces.map(({ condim }) => condim)).toEqual(file.geom_condim)
  expect(surfaces.map(({ margin }) => margin)).toEqual(file.geom_margin)
  expect(surfaces.flatMap(({ solref }) => solref)).toEqual(file.geom_solref)
  expect(surfaces.flatMap(({ solimp }) => solimp)).toEqual(file.geom_solimp)
})

describe.each(PLANAR_TASKS)('$id', ({ id, model, plane }) => {
  const golden = readPlanar(id)
  const inPlane = (point: ArrayLike<number>): number[] => plane.map((axis) => point[axis])

  test('the forces and all that leads to them are those of MuJoCo', () => {
    expect(golden.forward.length).toBe(20)
    golden.forward.forEach((wanted, i) => {
      const zero = model.joints.map(() => 0)
      const found = forward(model, wanted.q, wanted.v, wanted.ctrl, zero)
      const quantities: Record<string, [ArrayLike<number>, ArrayLike<number>]> = {
        M: [found.M, wanted.M],
        qfrc_bias: [found.qfrcBias, wanted.qfrc_bias],
        qfrc_passive: [found.qfrcPassive, wanted.qfrc_passive],
        qfrc_actuator: [found.qfrcActuator, wanted.qfrc_actuator],
        qacc_smooth: [found.qaccSmooth, wanted.qacc_smooth],
        dist: [found.contacts.map(({ distance }) => distance), wanted.contacts.map(({ dist }) => dist)],
        pos: [found.contacts.flatMap(({ position }) => [...position]), wanted.contacts.flatMap((c) => inPlane(c.pos))],
        dim: [found.contacts.map(({ surface }) => surface.condim), wanted.contacts.map(({ dim }) => dim)],
        friction: [found.contacts.map(({ surface }) => surface.friction), wanted.contacts.map(({ fr }) => fr[0])],
        // The floor is MuJoCo's geom 0.
        geoms: [found.contacts.flatMap((c) => c.capsules.map((g) => g + 1)), wanted.contacts.flatMap(({ g }) => g)],
        efc_type: [found.rows.map(({ kind }) => TYPES[kind]), wanted.efc_type],
        efc_J: [found.rows.flatMap(({ J }) => [...J]), wanted.efc_J],
        efc_pos: [found.rows.map(({ position }) => position), wanted.efc_pos],
        efc_D: [found.rows.map(({ D }) => D), wanted.efc_D],
        efc_aref: [found.rows.map(({ aref }) => aref), wanted.efc_aref],
        efc_force: [found.efcForce, wanted.efc_force],
        qacc: [found.qacc, wanted.qacc],
        // Body 0 is the world.
        xpos: [
          found.kinematics.bodies.flatMap(({ origin }) => [...origin]),
          model.bodies.flatMap((_, b) => inPlane(wanted.xpos.slice(3 * b + 3))),
        ],
      }
      for (const [name, [ours, theirs]] of Object.entries(quantities)) {
        expect(planarError(ours, theirs), `forward[${i}].${name}`).toBeLessThanOrEqual(LIMIT)
      }
    })
  })

  test('steps end where those of MuJoCo end', () => {
    const { q, v, w, a, q2, v2, aux } = golden.transitions
    expect(q.length).toBe(50)
    q.forEach((qpos, i) => {
      const state = { ...stateAt(model, qpos, v[i]), warmstart: w[i] }
      advance(model, state, a[i])
      expect(planarError(state.qpos, q2[i]), `step ${i}: qpos`).toBeLessThanOrEqual(LIMIT)
      expect(planarError(state.qvel, v2[i]), `step ${i}: qvel`).toBeLessThanOrEqual(LIMIT)
      const { tip, vec } = aux[i] ?? {}
      if (tip) {
        expect(planarError(state.sites!, inPlane(tip)), `step ${i}: tip`).toBeLessThanOrEqual(LIMIT)
        const { qfc } = aux[i] as { qfc: number[] }
        expect(planarError(state.constraint_force!, qfc), `step ${i}: constraint force`).toBeLessThanOrEqual(LIMIT)
      }
      if (vec) {
        const [x, y, goalX, goalY] = state.sites!
        expect(planarError([x - goalX, y - goalY], inPlane(vec)), `step ${i}: tip`).toBeLessThanOrEqual(LIMIT)
      }
    })
  })
})

test('the comparison finds a mass that is wrong by a millionth of a gram', () => {
  const { id, model } = PLANAR_TASKS[1]
  const { q, v, w, a, v2 } = readPlanar(id).transitions
  const bodies = model.bodies.map((body, b) => (b === 2 ? { ...body, mass: body.mass + 1e-9 } : body))
  const worst = q.map((qpos, i) => {
    const state = { ...stateAt(model, qpos, v[i]), warmstart: w[i] }
    advance({ ...model, bodies }, state, a[i])
    return planarError(state.qvel, v2[i])
  })
  expect(Math.max(...worst)).toBeGreaterThan(10 * LIMIT)
  expect(planarError([1, Number.NaN], [1, 2])).toBe(Number.POSITIVE_INFINITY)
  expect(planarError([1], [1, 2])).toBe(Number.POSITIVE_INFINITY)
})
