import { HINGE, PLAIN, type PlanarModel, SLIDE, SURFACE } from '../planar/model'

const SKIN = { ...SURFACE, friction: 0.9 } as const

/** One leg and its motors. `first` is the body of its thigh. Each body of a leg has one joint; the torso's three come before. */
const leg = (side: '' | '_left', first: number) =>
  ({
    bodies: [
      {
        name: `thigh${side}`,
        parent: 0,
        position: [0, -0.19999999999999996],
        mass: 4.057890510886818,
        com: [0, -0.2250000000000001],
        inertia: 0.09329875682692194,
        invweight: 0.06051637875212593,
      },
      {
        name: `leg${side}`,
        parent: first,
        position: [0, -0.7000000000000001],
        mass: 2.7813566959781637,
        com: [0, 0],
        inertia: 0.07230254017320971,
        invweight: 0.06299719488697496,
      },
      {
        name: `foot${side}`,
        parent: first + 1,
        position: [0.2, -0.35],
        mass: 3.1667253948185117,
        com: [-0.1, 0.1],
        inertia: 0.02399774663482943,
        invweight: 0.13474576502547686,
      },
    ],
    joints: [
      {
        ...HINGE,
        name: `thigh${side}_joint`,
        body: first,
        anchor: [0, 0],
        sense: 1,
        range: [-2.6179938779914944, 0],
        damping: 0.1,
        armature: 0.01,
        invweight: 12.106152843486317,
      },
      {
        ...HINGE,
        name: `leg${side}_joint`,
        body: first + 1,
        anchor: [0, 0.25],
        sense: 1,
        range: [-2.6179938779914944, 0],
        damping: 0.1,
        armature: 0.01,
        invweight: 9.595294937183608,
      },
      {
        ...HINGE,
        name: `foot${side}_joint`,
        body: first + 2,
        anchor: [-0.2, 0.1],
        sense: 1,
        range: [-0.7853981633974483, 0.7853981633974483],
        damping: 0.1,
        armature: 0.01,
        invweight: 18.21142212360485,
      },
    ],
    capsules: [
      {
        ...SKIN,
        name: `thigh${side}`,
        body: first,
        ends: [
          [0, 0],
          [0, -0.4500000000000001],
        ],
        radius: 0.05,
      },
      {
        ...SKIN,
        name: `leg${side}`,
        body: first + 1,
        ends: [
          [0, 0.25],
          [0, -0.25],
        ],
        radius: 0.04,
      },
      {
        ...SKIN,
        name: `foot${side}`,
        body: first + 2,
        ends: [
          [-0.2, 0.10000000000000003],
          [0, 0.09999999999999998],
        ],
        radius: 0.06,
        friction: 1.9,
      },
    ],
    actuators: [
      { name: `thigh${side}_joint`, joint: first + 2, gear: 100, range: [-1, 1] },
      { name: `leg${side}_joint`, joint: first + 3, gear: 100, range: [-1, 1] },
      { name: `foot${side}_joint`, joint: first + 4, gear: 100, range: [-1, 1] },
    ],
  }) satisfies Partial<PlanarModel>

const RIGHT = leg('', 1)
const LEFT = leg('_left', 4)

/** The constants that MuJoCo 3.3.8 compiles from Gymnasium's walker2d.xml (v5), in plane coordinates. */
export const WALKER2D: PlanarModel = {
  ...PLAIN,
  name: 'walker2d',
  bodies: [
    {
      name: 'torso',
      parent: -1,
      position: [0, 1.25],
      mass: 3.6651914291880923,
      com: [0, 0],
      inertia: 0.069245938072875,
      invweight: 0.0853164980232042,
    },
    ...RIGHT.bodies,
    ...LEFT.bodies,
  ],
  joints: [
    { ...SLIDE, name: 'rootx', body: 0, axis: [1, 0], invweight: 0.20743031034355516 },
    { ...SLIDE, name: 'rootz', body: 0, axis: [0, 1], ref: 1.25, invweight: 0.04851918372605742 },
    { ...HINGE, name: 'rooty', body: 0, anchor: [0, 0], sense: -1, invweight: 6.0249121053811585 },
    ...RIGHT.joints,
    ...LEFT.joints,
  ],
  travel: [0],
  capsules: [
    {
      ...SKIN,
      name: 'torso',
      body: 0,
      ends: [
        [0, 0.19999999999999996],
        [0, -0.19999999999999996],
      ],
      radius: 0.05,
    },
    ...RIGHT.capsules,
    ...LEFT.capsules,
  ],
  floor: { ...SKIN, height: 0, friction: 0.7 },
  floorCapsules: [0, 1, 2, 3, 4, 5, 6],
  actuators: [...RIGHT.actuators, ...LEFT.actuators],
  timestep: 0.002,
  frameSkip: 4,
}

/** Walker2d-v4's right foot has friction 0.9; its left one 1.9, as both have since v5. */
export const WALKER2D_V4: PlanarModel = {
  ...WALKER2D,
  name: 'walker2d_v4',
  capsules: WALKER2D.capsules.map((capsule) => (capsule.name === 'foot' ? { ...capsule, friction: 0.9 } : capsule)),
}
