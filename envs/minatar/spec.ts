import type { EnvSpec, WgslModule } from '../../src/env/contract'
import { asterix } from './asterix'
import asterixWgsl from './asterix.wgsl?raw'
import { breakout } from './breakout'
import breakoutWgsl from './breakout.wgsl?raw'
import common from './common.wgsl?raw'
import { freeway } from './freeway'
import freewayWgsl from './freeway.wgsl?raw'
import { ACTION, type Game, MINATAR_PARAMS, makeTwin, type Remembers, SIZE } from './game'
import items from './items.wgsl?raw'
import moves from './moves.wgsl?raw'
import { seaquest } from './seaquest'
import seaquestWgsl from './seaquest.wgsl?raw'
import { spaceInvaders } from './space_invaders'
import spaceInvadersWgsl from './space_invaders.wgsl?raw'

const folder = 'envs/minatar'
const module = (name: string, source: string): WgslModule => ({ file: `${folder}/${name}.wgsl`, source })

/** The actions that an agent chooses from, as WGSL: four bits each in one word. */
const actionsModule = (actions: readonly number[]): WgslModule => {
  const word = actions.reduce((all, action, i) => all + action * 16 ** i, 0)
  const source = `const ACTION_DIM = ${actions.length}u;
fn game_action(action: u32) -> u32 { return (${word}u >> (4u * action)) & 15u; }`
  return { file: `actions (from ${folder}/spec.ts)`, source }
}

const ALL: readonly number[] = Object.values(ACTION)
const NAMES = Object.keys(ACTION)

interface Source {
  /** Of the ids, behind `MinAtar/`. */
  name: string
  wgsl: string
  modules?: Record<string, WgslModule>
}

/** `-v0` with all six actions, `-v1` with those that have an effect. */
function specsOf<S extends Remembers>(game: Game<S>, { name, wgsl, modules = {} }: Source): EnvSpec<S>[] {
  return [ALL, game.minimal].map((actions, version) => ({
    id: `MinAtar/${name}-v${version}`,
    observation: { shape: [SIZE, SIZE, game.channels.length], storage: 'bits' },
    actionSpace: { kind: 'discrete', n: actions.length },
    actions: actions.map((action) => NAMES[action]),
    maxEpisodeSteps: null,
    rewardThreshold: null,
    params: MINATAR_PARAMS,
    preset: {
      network: 'minatar',
      sharedTrunk: true,
      numEnvs: 64,
      numSteps: 64,
      numMinibatches: 8,
      learningRate: 3e-3,
      entCoef: 0.01,
      totalTimesteps: 1_000_000,
    },
    picture: { frame: [0, 0, SIZE, SIZE], fps: 15, handles: [] },
    wgsl,
    wgslFile: `${folder}/${game.name}.wgsl`,
    modules: { 'minatar/common': module('common', common), 'minatar/actions': actionsModule(actions), ...modules },
    twin: makeTwin(game, actions),
  }))
}

export const breakoutSpecs = specsOf(breakout, { name: 'Breakout', wgsl: breakoutWgsl })
export const asterixSpecs = specsOf(asterix, { name: 'Asterix', wgsl: asterixWgsl })
export const freewaySpecs = specsOf(freeway, { name: 'Freeway', wgsl: freewayWgsl })
export const spaceInvadersSpecs = specsOf(spaceInvaders, { name: 'SpaceInvaders', wgsl: spaceInvadersWgsl })
export const seaquestSpecs = specsOf(seaquest, {
  name: 'Seaquest',
  wgsl: seaquestWgsl,
  modules: { 'minatar/items': module('items', items), 'minatar/moves': module('moves', moves) },
})

/** All ten, game by game. */
export const MINATAR: readonly EnvSpec[] = [
  breakoutSpecs,
  asterixSpecs,
  freewaySpecs,
  spaceInvadersSpecs,
  seaquestSpecs,
].flatMap((specs) => specs as unknown as EnvSpec[])

/** The games, by the names in golden files, and the environment of each with all six actions. */
export const GAMES = [
  { game: breakout, spec: breakoutSpecs[0] },
  { game: asterix, spec: asterixSpecs[0] },
  { game: freeway, spec: freewaySpecs[0] },
  { game: spaceInvaders, spec: spaceInvadersSpecs[0] },
  { game: seaquest, spec: seaquestSpecs[0] },
] as unknown as { game: Game<Remembers>; spec: EnvSpec<Remembers> }[]
