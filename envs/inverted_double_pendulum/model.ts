import { HINGE, PLAIN, type PlanarModel, SLIDE, SURFACE } from '../planar/model'

/** The constants that MuJoCo 3.3.8 compiles from Gymnasium's inverted_double_pendulum.xml, in plane coordinates. */
export const INVERTED_DOUBLE_PENDULUM: PlanarModel = {
  ...PLAIN,
  name: 'inverted_double_pendulum',
  bodies: [
    {
      name: 'cart',
      parent: -1,
      position: [0, 0],
      mass: 10.47197551196598,
      com: [0, 0],
      inertia: 0.12671090369478838,
      invweight: 0.028224206395898916,
    },
    {
      name: 'pole',
      parent: 0,
      position: [0, 0],
      mass: 4.1987385815227585,
      com: [0, 0.3],
      inertia: 0.15497066975016235,
      invweight: 0.03504152896303488,
    },
    {
      name: 'pole2',
      parent: 1,
      position: [0, 0.6],
      mass: 4.1987385815227585,
      com: [0, 0.3],
      inertia: 0.15497066975016235,
      invweight: 0.06686298404500333,
    },
  ],
  joints: [
    {
      ...SLIDE,
      name: 'slider',
      body: 0,
      axis: [1, 0],
      range: [-1, 1],
      damping: 0.05,
      margin: 0.01,
      invweight: 0.08467261918769675,
    },
    { ...HINGE, name: 'hinge', body: 1, anchor: [0, 0], sense: -1, damping: 0.05, invweight: 1.3837110638769503 },
    { ...HINGE, name: 'hinge2', body: 2, anchor: [0, 0], sense: -1, damping: 0.05, invweight: 8.45892623863961 },
  ],
  capsules: [
    {
      ...SURFACE,
      name: 'cart',
      body: 0,
      ends: [
        [0.10000000000000003, 0],
        [-0.10000000000000003, 0],
      ],
      radius: 0.1,
    },
    {
      ...SURFACE,
      name: 'pole',
      body: 1,
      ends: [
        [0, 0],
        [0, 0.6],
      ],
      radius: 0.045,
    },
    {
      ...SURFACE,
      name: 'pole2',
      body: 2,
      ends: [
        [0, 0],
        [0, 0.6],
      ],
      radius: 0.045,
    },
  ],
  actuators: [{ name: 'slider', joint: 0, gear: 500, range: [-1, 1] }],
  sites: [{ name: 'tip', body: 2, position: [0, 0.6] }],
  keepsConstraintForce: true,
  timestep: 0.01,
  frameSkip: 5,
  gravity: [0.00001, -9.81],
}
