import type { EnvSpec, WgslModule } from '../../src/env/contract'
import constraint from './box2d/constraint.wgsl?raw'
import contactSolver from './box2d/contact_solver.wgsl?raw'
import contacts from './box2d/contacts.wgsl?raw'
import distance from './box2d/distance.wgsl?raw'
import island from './box2d/island.wgsl?raw'
import joint from './box2d/joint.wgsl?raw'
import manifold from './box2d/manifold.wgsl?raw'
import math from './box2d/math.wgsl?raw'
import motions from './box2d/motions.wgsl?raw'
import settings from './box2d/settings.wgsl?raw'
import shapes from './box2d/shapes.wgsl?raw'
import state from './box2d/state.wgsl?raw'
import toi from './box2d/toi.wgsl?raw'
import world from './box2d/world.wgsl?raw'
import continuous from './continuous.wgsl?raw'
import discrete from './discrete.wgsl?raw'
import { LUNAR_LANDER_PARAMS, type LunarLanderState, makeLunarLanderTwin } from './lunar_lander'
import wgsl from './lunar_lander.wgsl?raw'
import drawing from './picture.wgsl?raw'

const folder = 'envs/lunar_lander'
const box2d = {
  settings,
  math,
  shapes,
  state,
  manifold,
  contacts,
  constraint,
  contact_solver: contactSolver,
  motions,
  joint,
  island,
  distance,
  toi,
  world,
}

const modulesFor = (isContinuous: boolean): Record<string, WgslModule> => {
  const physics = Object.entries(box2d).map(([name, source]) => [
    `lunar_lander/${name}`,
    { file: `${folder}/box2d/${name}.wgsl`, source },
  ])
  const action = isContinuous
    ? { file: `${folder}/continuous.wgsl`, source: continuous }
    : { file: `${folder}/discrete.wgsl`, source: discrete }
  return {
    ...Object.fromEntries(physics),
    'lunar_lander/action': action,
    'lunar_lander/picture': { file: `${folder}/picture.wgsl`, source: drawing },
  }
}

/** After Stable-Baselines3's zoo, with shorter rollouts, larger steps that are annealed, and normalised rewards. */
const PRESET: EnvSpec['preset'] = {
  numEnvs: 16,
  numSteps: 512,
  numMinibatches: 64,
  updateEpochs: 4,
  learningRate: 1e-3,
  gamma: 0.999,
  gaeLambda: 0.98,
  entCoef: 0.01,
  clipVloss: false,
  normReward: true,
  totalTimesteps: 1_000_000,
}

const common = {
  params: LUNAR_LANDER_PARAMS,
  observations: [
    'x from the pad',
    'y from the pad',
    'x velocity',
    'y velocity',
    'angle',
    'angular velocity',
    'right leg on the ground',
    'left leg on the ground',
  ],
  maxEpisodeSteps: 1000,
  rewardThreshold: 200,
  // 180 iterations over stiff contacts amplify the rounding of f32 by up to a hundred.
  tolerance: 1e-4,
  picture: {
    frame: [0, 0, 20, 40 / 3],
    fps: 50,
    handles: [
      { field: 'bodies[0].velocity[0]', label: 'Velocity to the right, m/s', min: -5, max: 5 },
      { field: 'bodies[0].velocity[1]', label: 'Velocity upwards, m/s', min: -5, max: 5 },
      { field: 'bodies[0].angular_velocity', label: 'Turning, rad/s', min: -4, max: 4 },
      { field: 'terrain[3]', label: 'Hill left of the pad, m', min: 0.5, max: 6 },
      { field: 'terrain[7]', label: 'Hill right of the pad, m', min: 0.5, max: 6 },
    ],
  },
  wgsl,
  wgslFile: `${folder}/lunar_lander.wgsl`,
} satisfies Partial<EnvSpec<LunarLanderState>>

/** Four actions: nothing, left, main, right engine. */
export const lunarLander: EnvSpec<LunarLanderState> = {
  ...common,
  id: 'LunarLander-v3',
  actionSpace: { kind: 'discrete', n: 4 },
  actions: ['no engine', 'left engine', 'main engine', 'right engine'],
  preset: PRESET,
  modules: modulesFor(false),
  twin: makeLunarLanderTwin(false),
}

/** Two throttles: main engine, side engines. */
export const lunarLanderContinuous: EnvSpec<LunarLanderState> = {
  ...common,
  id: 'LunarLanderContinuous-v3',
  actionSpace: { kind: 'box', low: [-1, -1], high: [1, 1] },
  actions: ['main engine', 'side engines'],
  preset: PRESET,
  modules: modulesFor(true),
  twin: makeLunarLanderTwin(true),
}
