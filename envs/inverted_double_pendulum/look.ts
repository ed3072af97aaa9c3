import type { PlanarLook } from '../planar/picture'

/** InvertedDoublePendulum: a cart on a rail, and two poles. */
export const LOOK: PlanarLook = {
  frame: [-1.6, -0.5, 1.6, 1.5],
  behind: [
    { centre: [0, 0], halfSize: [1.15, 0.02], rounding: 0.02, colour: '#a9b4c2' },
    { centre: [-1.15, 0], halfSize: [0.02, 0.08], rounding: 0.02, colour: '#a9b4c2' },
    { centre: [1.15, 0], halfSize: [0.02, 0.08], rounding: 0.02, colour: '#a9b4c2' },
  ],
  capsules: { cart: '#4a5b70', pole: '#d96c2f', pole2: '#efa24f' },
  joints: { colour: '#7d3d12', radius: 0.024 },
  tiles: { kind: 'none' },
  handles: [
    { field: 'qpos[1]', label: 'lower pole, rad', min: -0.4, max: 0.4 },
    { field: 'qpos[2]', label: 'upper pole, rad', min: -0.4, max: 0.4 },
    { field: 'qvel[1]', label: 'push the poles, rad/s', min: -3, max: 3 },
    { field: 'qpos[0]', label: 'cart, m', min: -1, max: 1 },
  ],
}
