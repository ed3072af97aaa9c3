import { compilePlanar } from 'ppo-webgpu'

/** Slippery, and as soft as the ground of MuJoCo's robots. */
const GROUND = { friction: 0.2, solimp: [0.8, 0.8, 0.01, 0.5, 2] } as const

/** A sledge that lies on slippery ground, and an arm with two joints and a hand that grips it. */
export const robot = compilePlanar({
  name: 'crawler',
  bodies: [
    {
      name: 'sledge',
      position: [0, 0.1],
      joints: [
        { kind: 'slide', name: 'x', axis: [1, 0] },
        { kind: 'slide', name: 'y', axis: [0, 1], ref: 0.1 },
        { kind: 'hinge', name: 'tilt' },
      ],
      capsules: [
        {
          ends: [
            [-0.4, 0],
            [0.4, 0],
          ],
          radius: 0.1,
          density: 300,
        },
      ],
    },
    {
      name: 'upper arm',
      parent: 'sledge',
      position: [0.4, 0.1],
      joints: [{ kind: 'hinge', name: 'shoulder', range: [-0.7, 0.7], damping: 1, armature: 0.1 }],
      capsules: [
        {
          ends: [
            [0, 0],
            [0.35, 0.2],
          ],
          radius: 0.04,
        },
      ],
    },
    {
      name: 'forearm',
      parent: 'upper arm',
      position: [0.35, 0.2],
      joints: [{ kind: 'hinge', name: 'elbow', range: [-1, 0.8], damping: 1, armature: 0.1 }],
      capsules: [
        {
          ends: [
            [0, 0],
            [0.1, -0.4],
          ],
          radius: 0.035,
        },
        {
          name: 'hand',
          ends: [
            [0.1, -0.4],
            [0.1, -0.4],
          ],
          radius: 0.06,
          friction: 2,
        },
      ],
    },
  ],
  actuators: [
    { joint: 'shoulder', gear: 40 },
    { joint: 'elbow', gear: 30 },
  ],
  // A contact has the friction of the rougher of its two surfaces.
  floor: GROUND,
  surface: GROUND,
  timestep: 0.01,
  frameSkip: 4,
  integrator: 'euler',
})
