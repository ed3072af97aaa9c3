import type { EnvSpec } from '../../src/env/contract'
import { type BrickBreakerState, type Frame, makeBrickBreakerTwin, SIDE } from './brick_breaker'
import wgsl from './brick_breaker.wgsl?raw'
import frame from './frame.wgsl?raw'
import picture from './picture.wgsl?raw'
import state from './state.wgsl?raw'

const folder = 'envs/brick_breaker'
const module = (name: string, source: string) => ({ file: `${folder}/${name}.wgsl`, source })

const cropped = ({ left, top, width, height }: Frame): string =>
  Object.entries({ LEFT: left, TOP: top, WIDTH: width, HEIGHT: height })
    .map(([name, value]) => `const FRAME_${name} = ${value}u;\n`)
    .join('')

/** Brick breaker, of which a part is observed; the game is the same. */
export const brickBreakerSpec = (id: string, part?: Frame): EnvSpec<BrickBreakerState> => {
  const { width, height } = part ?? { width: SIDE, height: SIDE }
  return {
    id,
    observation: { shape: [height, width, 1], storage: 'bytes' },
    actionSpace: { kind: 'discrete', n: 4 },
    actions: ['nothing', 'serve', 'right', 'left'],
    maxEpisodeSteps: null,
    rewardThreshold: null,
    params: {
      autoServe: { default: true, help: 'The next ball is served at once; else the action serve does it.' },
    },
    // Not tuned. The network of Mnih et al. 2013: `--preset atari` has the larger one of 2015.
    preset: {
      network: 'conv(16,8,4),relu,conv(32,4,2),relu,flatten,dense(256),relu',
      sharedTrunk: true,
      frameStack: 4,
      numEnvs: 8,
      numSteps: 64,
      numMinibatches: 4,
      updateEpochs: 3,
      totalTimesteps: 1_000_000,
    },
    picture: {
      frame: [0, 0, SIDE, SIDE],
      fps: 15,
      handles: [],
    },
    wgsl,
    wgslFile: `${folder}/brick_breaker.wgsl`,
    modules: {
      frame: part ? { file: `${folder}, a part of the picture`, source: cropped(part) } : module('frame', frame),
      'brick_breaker/state': module('state', state),
      'brick_breaker/picture': module('picture', picture),
    },
    twin: makeBrickBreakerTwin(part ?? { left: 0, top: 0, width: SIDE, height: SIDE }),
  }
}

export const brickBreaker = brickBreakerSpec('BrickBreaker-v0')
