import { ConfigError } from '../src/config/config'
import type { EnvSpec } from '../src/env/contract'
import { suggest } from '../src/options/suggest'
import { acrobot } from './acrobot/spec'
import { brickBreaker } from './brick_breaker/spec'
import { cartPole, cartPoleSuttonBarto, cartPoleV0 } from './cartpole/spec'
import { halfCheetah } from './half_cheetah/spec'
import { hopperV4, hopperV5 } from './hopper/spec'
import { invertedDoublePendulumV4, invertedDoublePendulumV5 } from './inverted_double_pendulum/spec'
import { invertedPendulumV4, invertedPendulumV5 } from './inverted_pendulum/spec'
import { lunarLander, lunarLanderContinuous } from './lunar_lander/spec'
import { MINATAR } from './minatar/spec'
import { mountainCar } from './mountaincar/spec'
import { mountainCarContinuous } from './mountaincar_continuous/spec'
import { pendulum } from './pendulum/spec'
import { reacherV4, reacherV5 } from './reacher/spec'
import { swimmer } from './swimmer/spec'
import { walker2dV4, walker2dV5 } from './walker2d/spec'

const planar = [
  ...[invertedPendulumV5, invertedDoublePendulumV5, reacherV5, swimmer, hopperV5, walker2dV5, halfCheetah],
  ...[invertedPendulumV4, invertedDoublePendulumV4, reacherV4, hopperV4, walker2dV4],
]

/** The environments that ship with the project, by Gymnasium's ids where it has one. */
export const ENVS: readonly EnvSpec[] = [
  cartPole,
  cartPoleV0,
  cartPoleSuttonBarto,
  mountainCar,
  mountainCarContinuous,
  acrobot,
  pendulum,
  lunarLander as unknown as EnvSpec,
  lunarLanderContinuous as unknown as EnvSpec,
  ...planar.map((spec) => spec as unknown as EnvSpec),
  ...MINATAR,
  brickBreaker as unknown as EnvSpec,
]

/** Ids that mean the same environment as another: in Gymnasium only names of its `info` differ. */
export const ALIASES: Readonly<Record<string, string>> = {
  'HalfCheetah-v4': 'HalfCheetah-v5',
  'Swimmer-v4': 'Swimmer-v5',
}

/**
 * The environment with this id, or with the id that it is an alias of.
 * @throws ConfigError when there is none; the message names the nearest id and all known ones.
 */
export function findEnv(id: string): EnvSpec {
  const meant = Object.hasOwn(ALIASES, id) ? ALIASES[id] : id
  const found = ENVS.find((spec) => spec.id === meant)
  if (found) return found
  const ids = ENVS.map((spec) => spec.id)
  throw new ConfigError(
    `env: there is no environment ${JSON.stringify(id)}${suggest(id, [...ids, ...Object.keys(ALIASES)])}. Environments: ${ids.join(', ')}.`,
  )
}
