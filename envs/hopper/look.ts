import type { PlanarLook } from '../planar/picture'

/** Hopper: teal on a red foot. */
export const LOOK: PlanarLook = {
  frame: [-1.5, -0.3, 1.5, 1.8],
  capsules: { foot: '#e2603f', leg: '#2f8f84', thigh: '#37a497', torso: '#46bfae' },
  joints: { colour: '#17524b', radius: 0.028 },
  tiles: { kind: 'ground', size: 1 },
  handles: [
    { field: 'qvel[0]', label: 'push, m/s', min: -4, max: 4 },
    { field: 'qvel[1]', label: 'jump, m/s', min: -2, max: 3 },
    { field: 'qpos[2]', label: 'tilt, rad', min: -0.2, max: 0.2 },
    { field: 'qpos[3]', label: 'thigh, rad', min: -2.6, max: 0 },
    { field: 'qpos[4]', label: 'knee, rad', min: -2.6, max: 0 },
  ],
}
