import { HINGE, PLAIN, type PlanarModel, SLIDE, SURFACE } from '../planar/model'

const SKIN = { ...SURFACE, condim: 1 } as const

/** The constants that MuJoCo 3.3.8 compiles from Gymnasium's swimmer.xml, in plane coordinates. */
export const SWIMMER: PlanarModel = {
  ...PLAIN,
  name: 'swimmer',
  bodies: [
    {
      name: 'torso',
      parent: -1,
      position: [0, 0],
      mass: 35.604716740684324,
      com: [1, 0],
      inertia: 3.9175660390264717,
      principal: { axis: [1, 0], along: 0.17383479349863523, across: 3.9175660390264717 },
      invweight: 0.010965286758709189,
    },
    {
      name: 'mid',
      parent: 0,
      position: [0.5, 0],
      mass: 35.604716740684324,
      com: [-0.5, 0],
      inertia: 3.9175660390264717,
      principal: { axis: [1, 0], along: 0.17383479349863523, across: 3.9175660390264717 },
      invweight: 0.00884358066872071,
    },
    {
      name: 'back',
      parent: 1,
      position: [-1, 0],
      mass: 35.604716740684324,
      com: [-0.5, 0],
      inertia: 3.9175660390264717,
      principal: { axis: [1, 0], along: 0.17383479349863523, across: 3.9175660390264717 },
      invweight: 0.010978250641502577,
    },
  ],
  joints: [
    { ...SLIDE, name: 'slider1', body: 0, axis: [1, 0], armature: 0.1, invweight: 0.009353298865707413 },
    { ...SLIDE, name: 'slider2', body: 0, axis: [0, 1], armature: 0.1, invweight: 0.13620963069013733 },
    {
      ...HINGE,
      name: 'free_body_rot',
      body: 0,
      anchor: [0, 0],
      sense: 1,
      armature: 0.1,
      invweight: 0.15282483352120455,
    },
    {
      ...HINGE,
      name: 'motor1_rot',
      body: 1,
      anchor: [0, 0],
      sense: 1,
      range: [-1.7453292519943295, 1.7453292519943295],
      armature: 0.1,
      invweight: 0.38529334162134676,
    },
    {
      ...HINGE,
      name: 'motor2_rot',
      body: 2,
      anchor: [0, 0],
      sense: 1,
      range: [-1.7453292519943295, 1.7453292519943295],
      armature: 0.1,
      invweight: 0.3933336741383495,
    },
  ],
  travel: [0, 1],
  capsules: [
    {
      ...SKIN,
      name: 'torso',
      body: 0,
      ends: [
        [1.5, 0],
        [0.5, 0],
      ],
      radius: 0.1,
    },
    {
      ...SKIN,
      name: 'mid',
      body: 1,
      ends: [
        [0, 0],
        [-1, 0],
      ],
      radius: 0.1,
    },
    {
      ...SKIN,
      name: 'back',
      body: 2,
      ends: [
        [0, 0],
        [-1, 0],
      ],
      radius: 0.1,
    },
  ],
  actuators: [
    { name: 'motor1_rot', joint: 3, gear: 150, range: [-1, 1] },
    { name: 'motor2_rot', joint: 4, gear: 150, range: [-1, 1] },
  ],
  timestep: 0.01,
  frameSkip: 4,
  gravity: [0, 0],
  density: 4000,
  viscosity: 0.1,
}
