/** Robots that are described and compiled have the constants that MuJoCo compiles from the same bodies. */
import { describe, expect, test } from 'vitest'
import { HALF_CHEETAH } from '../../envs/half_cheetah/model'
import { HOPPER } from '../../envs/hopper/model'
import { INVERTED_DOUBLE_PENDULUM } from '../../envs/inverted_double_pendulum/model'
import { INVERTED_PENDULUM } from '../../envs/inverted_pendulum/model'
import { compilePlanar } from '../../envs/planar/compile'
import type { RobotDescription } from '../../envs/planar/description'
import { advance } from '../../envs/planar/integrate'
import type { PlanarModel } from '../../envs/planar/model'
import { stateAt } from '../../envs/planar/state'
import { REACHER } from '../../envs/reacher/model'
import { SWIMMER } from '../../envs/swimmer/model'
import { WALKER2D } from '../../envs/walker2d/model'

/** The description of a model: what an author writes, without masses and inverse weights. */
function describeModel(model: PlanarModel): RobotDescription {
  const { bodies, joints, capsules, floor, actuators, sites } = model
  return {
    name: model.name,
    bodies: bodies.map(({ name, parent, position }, b) => ({
      name,
      ...(parent >= 0 && { parent: bodies[parent].name }),
      position,
      joints: joints
        .filter(({ body }) => body === b)
        .map(({ body, invweight, range, ...joint }) => ({ ...joint, ...(range && { range }) })),
      capsules: capsules.filter(({ body }) => body === b).map(({ body, ...capsule }) => capsule),
    })),
    actuators: actuators.map(({ joint, ...actuator }) => ({ ...actuator, joint: joints[joint].name })),
    ...(floor && { floor }),
    selfCollisions: model.pairs.length > 0,
    sites: sites.map(({ body, ...site }) => ({ ...site, body: bodies[body].name })),
    keepsConstraintForce: model.keepsConstraintForce,
    timestep: model.timestep,
    frameSkip: model.frameSkip,
    integrator: model.integrator,
    gravity: model.gravity,
    ...(model.density > 0 && { fluid: { density: model.density, viscosity: model.viscosity } }),
    // half_cheetah.xml sets the total mass.
    ...(model === HALF_CHEETAH && { totalMass: 14 }),
  }
}

/** Largest relative difference of the numbers that `wanted` has; infinite where anything else differs. */
function difference(found: unknown, wanted: unknown): number {
  if (typeof wanted === 'number') return Math.abs((found as number) - wanted) / Math.max(1e-3, Math.abs(wanted))
  if (wanted === null || typeof wanted !== 'object') return found === wanted ? 0 : Number.POSITIVE_INFINITY
  const errors = Object.entries(wanted).map(([key, value]) => {
    return difference((found as Record<string, unknown> | null)?.[key], value)
  })
  return errors.some(Number.isNaN) ? Number.POSITIVE_INFINITY : errors.reduce((most, error) => Math.max(most, error), 0)
}

const MODELS = [HALF_CHEETAH, HOPPER, WALKER2D, SWIMMER, REACHER, INVERTED_PENDULUM, INVERTED_DOUBLE_PENDULUM]

test.each(MODELS)('$name gets its constants', (model) => {
  const found = compilePlanar(describeModel(model))
  expect(Object.keys(found).sort()).toEqual(Object.keys(model).sort())
  for (const key of Object.keys(model) as (keyof PlanarModel)[]) {
    expect(difference(found[key], model[key]), key).toBeLessThan(1e-12)
    if (Array.isArray(model[key])) expect(found[key]).toHaveLength(model[key].length)
  }
})

test('the comparison finds another density, and a number that is missing', () => {
  const description = describeModel(HOPPER)
  const bodies = description.bodies.map((body) => ({
    ...body,
    capsules: body.capsules.map((capsule) => ({ ...capsule, density: 1001 })),
  }))
  const found = compilePlanar({ ...description, bodies })
  expect(difference(found.bodies, HOPPER.bodies)).toBeGreaterThan(5e-4)
  expect(difference({ a: [1] }, { a: [1, 2] })).toBe(Number.POSITIVE_INFINITY)
})

describe('a sled with a pole, of which only what must be said is said', () => {
  const robot: RobotDescription = {
    name: 'sled',
    bodies: [
      {
        name: 'block',
        position: [0, 0.1],
        joints: [{ kind: 'slide', name: 'x', axis: [1, 0] }],
        capsules: [
          {
            ends: [
              [-0.2, 0],
              [0.2, 0],
            ],
            radius: 0.1,
          },
        ],
      },
      {
        name: 'pole',
        parent: 'block',
        position: [0, 0],
        joints: [{ kind: 'hinge', name: 'pole' }],
        capsules: [
          {
            ends: [
              [0, 0],
              [0, 0.5],
            ],
            radius: 0.05,
          },
        ],
      },
    ],
    actuators: [{ joint: 'x', gear: 300 }],
    floor: {},
    timestep: 0.01,
    frameSkip: 2,
    integrator: 'rk4',
  }

  test('it gets the defaults, and moves', () => {
    const model = compilePlanar(robot)
    expect(model.travel).toEqual([0])
    expect(model.floorCapsules).toEqual([0, 1])
    expect(model.actuators).toEqual([{ name: 'x', joint: 0, gear: 300, range: [-1, 1] }])
    expect(model.joints[1]).toMatchObject({ anchor: [0, 0], sense: 1, range: null, armature: 0 })
    const state = stateAt(model, [0, 0], [0, 0])
    for (let i = 0; i < 10; i++) advance(model, state, [1])
    expect(state.qpos[0]).toBeGreaterThan(0.1)
    // The block accelerates to the right, so the pole falls to the left, counter-clockwise.
    expect(state.qpos[1]).toBeGreaterThan(0.1)
  })

  const [block, pole] = robot.bodies
  test.each<[Partial<RobotDescription>, string]>([
    [{ bodies: [pole, block] }, 'body pole is described before its parent, block. Move it behind.'],
    [{ bodies: [block, { ...pole, name: 'block' }] }, 'two are called body "block". Rename one.'],
    [{ bodies: [block, { ...pole, parent: 'blok' }] }, 'there is no body "blok". There are: block, pole.'],
    [{ bodies: [block, { ...pole, joints: block.joints }] }, 'two are called joint "x". Rename one.'],
    [{ actuators: [{ joint: 'y', gear: 1 }] }, 'there is no joint "y". There are: x, pole.'],
    [{ timestep: 0 }, 'timestep: 0 is not above 0. Give it in seconds.'],
    [{ frameSkip: 1.5 }, 'frameSkip: 1.5 is not a whole number above 0. Use 1 or more.'],
    [{ totalMass: -1 }, 'totalMass: -1 is not above 0. Give it in kg, or leave it out.'],
    [
      { bodies: [{ ...block, joints: [{ kind: 'slide', name: 'x', axis: [1, 1] }] }, pole] },
      'the axis of joint x has length 1.4142135623730951. Make it a unit vector.',
    ],
    [
      { bodies: [block, { ...pole, joints: [{ kind: 'hinge', name: 'pole', range: [1, -1] }] }] },
      'joint pole has the range 1 to -1. Put the lower first.',
    ],
    [
      { bodies: [block, { ...pole, capsules: [{ ...pole.capsules[0], radius: 0 }] }] },
      'a capsule of body pole has radius 0. Make it larger than 0.',
    ],
    [
      { bodies: [block, { ...pole, capsules: [{ ...pole.capsules[0], density: -1 }] }] },
      'a capsule of body pole has density -1. Make it 0 or more.',
    ],
    [
      { bodies: [block, { ...pole, capsules: [] }] },
      'joint pole moves no mass. Give its body a capsule, or the joint an armature.',
    ],
    [
      { bodies: [{ ...block, joints: [...block.joints, { ...block.joints[0], name: 'x2' }] }, pole] },
      'joint x moves the same as other joints together. Leave it out, or give it an armature.',
    ],
  ])('refused: %#', (change, message) => {
    expect(() => compilePlanar({ ...robot, ...change })).toThrow(`planar robot sled: ${message}`)
  })
})
