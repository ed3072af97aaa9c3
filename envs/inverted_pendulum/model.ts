import { HINGE, PLAIN, type PlanarModel, SLIDE, SURFACE } from '../planar/model'

/** The constants that MuJoCo 3.3.8 compiles from Gymnasium's inverted_pendulum.xml, in plane coordinates. */
export const INVERTED_PENDULUM: PlanarModel = {
  ...PLAIN,
  name: 'inverted_pendulum',
  bodies: [
    {
      name: 'cart',
      parent: -1,
      position: [0, 0],
      mass: 10.47197551196598,
      com: [0, 0],
      inertia: 0.12671090369478838,
      invweight: 0.027891446019531956,
    },
    {
      name: 'pole',
      parent: 0,
      position: [0, 0],
      mass: 5.018591641363306,
      com: [0.0005, 0.3],
      inertia: 0.1887497668730885,
      invweight: 0.04926689544825017,
    },
  ],
  joints: [
    { ...SLIDE, name: 'slider', body: 0, axis: [1, 0], range: [-1, 1], damping: 1, invweight: 0.08367433805859587 },
    {
      ...HINGE,
      name: 'hinge',
      body: 1,
      anchor: [0, 0],
      sense: -1,
      range: [-1.5707963267948966, 1.5707963267948966],
      damping: 1,
      invweight: 2.023912919848819,
    },
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
        [0.000999999999999971, 0.5999999999999999],
      ],
      radius: 0.049,
    },
  ],
  actuators: [{ name: 'slider', joint: 0, gear: 100, range: [-3, 3] }],
  timestep: 0.02,
  frameSkip: 2,
}
