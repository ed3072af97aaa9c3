import type { PlanarLook } from '../planar/picture'

/** Reacher from above: a blue arm, and the red target. */
export const LOOK: PlanarLook = {
  frame: [-0.27, -0.27, 0.27, 0.27],
  capsules: { target: '#e5484d', link0: '#3b7ddd', link1: '#5a97ea', fingertip: '#163f7d' },
  joints: { colour: '#163f7d', radius: 0.006 },
  behind: [{ centre: [0, 0], halfSize: [0.26, 0.26], rounding: 0.012, colour: '#e9edf2' }],
  before: [{ centre: [0, 0], halfSize: [0.006, 0.006], rounding: 0.006, colour: '#163f7d' }],
  tiles: { kind: 'none' },
  handles: [
    { field: 'qpos[2]', label: 'target to the right, m', min: -0.2, max: 0.2 },
    { field: 'qpos[3]', label: 'target upwards, m', min: -0.2, max: 0.2 },
    { field: 'qpos[0]', label: 'shoulder, rad', min: -3.1, max: 3.1 },
    { field: 'qpos[1]', label: 'elbow, rad', min: -3, max: 3 },
  ],
}
