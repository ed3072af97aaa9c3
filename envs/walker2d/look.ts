import type { PlanarLook } from '../planar/picture'

/** Walker2d: violet, the left leg behind in a darker tone, orange feet. */
export const LOOK: PlanarLook = {
  frame: [-1.5, -0.3, 1.5, 1.8],
  capsules: {
    foot_left: '#b9692b',
    leg_left: '#5043ad',
    thigh_left: '#5a4dbd',
    torso: '#8c7ff0',
    foot: '#ee9244',
    leg: '#7466dd',
    thigh: '#7f71e8',
  },
  joints: { colour: '#332a78', radius: 0.026 },
  tiles: { kind: 'ground', size: 1 },
  handles: [
    { field: 'qvel[0]', label: 'push, m/s', min: -4, max: 4 },
    { field: 'qvel[1]', label: 'jump, m/s', min: -2, max: 3 },
    { field: 'qpos[2]', label: 'tilt, rad', min: -1, max: 1 },
    { field: 'qpos[3]', label: 'right thigh, rad', min: -2.6, max: 0 },
    { field: 'qpos[6]', label: 'left thigh, rad', min: -2.6, max: 0 },
  ],
}
