import type { PlanarLook } from '../planar/picture'

/** Swimmer from above: green with an orange head, in water. */
export const LOOK: PlanarLook = {
  frame: [-4, -2.6, 4, 2.6],
  capsules: { back: '#15806d', mid: '#1a9a82', torso: '#e8892f' },
  joints: { colour: '#0b4a3f', radius: 0.07 },
  tiles: { kind: 'water', size: 1 },
  handles: [
    { field: 'qvel[0]', label: 'push to the right, m/s', min: -2, max: 2 },
    { field: 'qvel[1]', label: 'push upwards, m/s', min: -2, max: 2 },
    { field: 'qpos[2]', label: 'heading, rad', min: -3.1, max: 3.1 },
    { field: 'qpos[3]', label: 'first joint, rad', min: -1.7, max: 1.7 },
    { field: 'qpos[4]', label: 'second joint, rad', min: -1.7, max: 1.7 },
  ],
}
