import type { PlanarLook } from '../planar/picture'

/** InvertedPendulum: a cart on a rail, and its pole. */
export const LOOK: PlanarLook = {
  frame: [-1.3, -0.4, 1.3, 0.9],
  behind: [
    { centre: [0, 0], halfSize: [1.1, 0.02], rounding: 0.02, colour: '#a9b4c2' },
    { centre: [-1.1, 0], halfSize: [0.02, 0.07], rounding: 0.02, colour: '#a9b4c2' },
    { centre: [1.1, 0], halfSize: [0.02, 0.07], rounding: 0.02, colour: '#a9b4c2' },
  ],
  capsules: { cart: '#4a5b70', pole: '#e07b39' },
  joints: { colour: '#8a4517', radius: 0.025 },
  tiles: { kind: 'none' },
  handles: [
    { field: 'qpos[1]', label: 'pole, rad', min: -0.2, max: 0.2 },
    { field: 'qvel[1]', label: 'push the pole, rad/s', min: -2, max: 2 },
    { field: 'qpos[0]', label: 'cart, m', min: -1, max: 1 },
  ],
}
