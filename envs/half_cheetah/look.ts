import type { PlanarLook } from '../planar/picture'

/** HalfCheetah: orange with dark feet. */
export const LOOK: PlanarLook = {
  frame: [-1.7, -0.35, 1.7, 1.35],
  capsules: {
    bfoot: '#5c3d2e',
    bshin: '#c8702a',
    bthigh: '#d9802f',
    ffoot: '#5c3d2e',
    fshin: '#c8702a',
    fthigh: '#d9802f',
    torso: '#f2a04b',
    head: '#f2a04b',
  },
  joints: { colour: '#8a4b1c', radius: 0.026 },
  tiles: { kind: 'ground', size: 1 },
  handles: [
    { field: 'qvel[0]', label: 'push, m/s', min: -8, max: 8 },
    { field: 'qvel[1]', label: 'jump, m/s', min: -2, max: 4 },
    { field: 'qpos[2]', label: 'tilt, rad', min: -3.1, max: 3.1 },
    { field: 'qpos[3]', label: 'back thigh, rad', min: -0.52, max: 1.05 },
    { field: 'qpos[6]', label: 'front thigh, rad', min: -1, max: 0.7 },
  ],
}
