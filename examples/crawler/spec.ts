import { planarEnv } from 'ppo-webgpu'
import { crawling } from './crawler'
import wgsl from './crawler.wgsl?raw'

export const crawler = planarEnv(crawling, {
  wgsl,
  wgslFile: 'examples/crawler/crawler.wgsl',
  // Contacts are stiff springs: a step in f32 loses more than one of a simple task.
  tolerance: 1e-4,
  preset: {
    numEnvs: 32,
    numSteps: 64,
    numMinibatches: 16,
    learningRate: 1e-3,
    clipVloss: false,
    entCoef: 0,
    normObs: true,
    normReward: true,
    totalTimesteps: 200_000,
  },
  look: {
    frame: [-1.2, -0.3, 1.8, 1.2],
    capsules: { 'upper arm': '#d9802f', forearm: '#e2603f', hand: '#5c3d2e', sledge: '#4a7fb5' },
    joints: { colour: '#22384f', radius: 0.025 },
    tiles: { kind: 'ground', size: 0.5 },
    handles: [
      { field: 'qvel[0]', label: 'push, m/s', min: -2, max: 2 },
      { field: 'qpos[3]', label: 'shoulder, rad', min: -0.7, max: 0.7 },
      { field: 'qpos[4]', label: 'elbow, rad', min: -1, max: 0.8 },
    ],
  },
})
