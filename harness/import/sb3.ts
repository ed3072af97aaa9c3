/**
 * What a model of Stable-Baselines3 says of itself: the entry `data` of its ZIP, which is JSON. Objects that JSON cannot
 * hold are there as pickles in base64 (`:serialized:`), which are never read, and as texts, which are.
 */
import type { ActionSpace, EnvSpec } from '../../src/env/contract'
import type { Activation } from '../../src/options/options'
import { refuse } from './refuse'

/** The most bytes of `data`: an object takes many times the bytes of its text. */
export const MOST_JSON = 2 ** 24

export interface Sb3Facts {
  activation: Activation
  /** Environment steps that it was trained for; null where it does not say it. */
  steps: number | null
  seed: number | null
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectOf = (value: unknown): Json => (isObject(value) ? value : {})

const CLASSES = ['ActorCriticPolicy', 'MaskableActorCriticPolicy']
const SPACES: Record<ActionSpace['kind'], string> = {
  discrete: 'gymnasium.spaces.discrete.Discrete',
  box: 'gymnasium.spaces.box.Box',
  multi_discrete: 'gymnasium.spaces.multi_discrete.MultiDiscrete',
}
const MLP = 'Only perceptrons of PPO and A2C are imported: MlpPolicy with net_arch and activation_fn of its own'

/** `<class 'gymnasium.spaces.box.Box'>` -> the path; older models have `gym` in place of `gymnasium`. */
const classPath = (text: unknown): string =>
  (/^<class '([\w.]{1,200})'>$/.exec(textOf(text))?.[1] ?? '').replace(/^gym\./, 'gymnasium.')

/** At most 200 characters of a text, a number or a list of numbers; of anything else only what it is. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 200)
  if (Array.isArray(value)) {
    return value.length <= 32 && value.every(Number.isFinite) ? `[${value.join(', ')}]` : `a list of ${value.length}`
  }
  return isObject(value) ? 'an object' : String(value)
}

/**
 * @param where Name of the entry, for messages.
 * @throws UsageError for another algorithm, network or distribution than those that can be imported, and where its
 * spaces are not those of `spec`.
 */
export function readFacts(bytes: Uint8Array, where: string, spec: EnvSpec): Sb3Facts {
  const data = parse(bytes, where)
  const kwargs = objectOf(data.policy_kwargs)
  checkClass(data, kwargs, where)
  checkObservation(objectOf(data.observation_space), where, spec)
  checkActions(objectOf(data.action_space), where, spec)
  const count = (value: unknown) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null)
  return { activation: activationOf(kwargs, where), steps: count(data.num_timesteps), seed: count(data.seed) }
}

function parse(bytes: Uint8Array, where: string): Json {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(value)) return value
  } catch {}
  return refuse(where, 'is not an object of JSON', 'Give a file that model.save() of Stable-Baselines3 wrote')
}

function checkClass(data: Json, kwargs: Json, where: string): void {
  const policy = objectOf(data.policy_class)
  const init = textOf(policy.__init__)
  const name = /^<function (\w+)\.__init__ at /.exec(init)?.[1]
  const module = textOf(policy.__module__)
  if (!CLASSES.includes(name ?? '') || !/^(stable_baselines3|sb3_contrib)\.common\.([\w]+\.)?policies$/.test(module)) {
    refuse(`${where}: policy_class`, `${JSON.stringify(module)}, ${JSON.stringify(init)} is another policy`, MLP)
  }
  if (data.use_sde === true) {
    refuse(`${where}: use_sde`, 'true: its noise depends on the state (gSDE)', 'Train it with use_sde=False')
  }
  if (kwargs.squash_output === true) {
    refuse(`${where}: policy_kwargs.squash_output`, 'true: its actions pass through tanh', 'Train it without')
  }
  const features = kwargs.features_extractor_class
  if (features !== undefined && !classPath(features).endsWith('.FlattenExtractor')) {
    refuse(`${where}: policy_kwargs.features_extractor_class`, `${shown(features)} is not FlattenExtractor`, MLP)
  }
}

const shown = (value: unknown): string => JSON.stringify(textOf(value))

const ACTIVATIONS: Readonly<Record<string, Activation>> = { Tanh: 'tanh', ReLU: 'relu', SiLU: 'silu', ELU: 'elu' }

function activationOf(kwargs: Json, where: string): Activation {
  if (kwargs.activation_fn === undefined) return 'tanh' // the default of ActorCriticPolicy
  const name = /^torch\.nn\.modules\.activation\.(\w+)$/.exec(classPath(kwargs.activation_fn))?.[1] ?? ''
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]
  const known = Object.keys(ACTIVATIONS).join(', ')
  return refuse(
    `${where}: policy_kwargs.activation_fn`,
    `${shown(kwargs.activation_fn)} is not one of ${known}`,
    `Train it with one of ${known}`,
  )
}

const OTHER_ENV = 'Name the environment that it was trained in: --env ID'

function checkObservation(space: Json, where: string, { id, observation, observations }: EnvSpec): void {
  const there = `${where}: observation_space`
  const type = classPath(space[':type:'])
  if (type !== SPACES.box) {
    refuse(there, `${shown(space[':type:'])} is not a Box`, 'Only observations that are a list of floats are imported')
  }
  const inputs = observations?.length
  const shape = textOf(space._shape ?? space.shape)
  if (observation || shape !== `[${inputs}]`) {
    const own = observation ? `a grid of ${observation.shape.join(' x ')}` : `[${inputs}]`
    refuse(there, `its shape is ${shape}, but ${id} has ${own}`, OTHER_ENV)
  }
}

const MOST_TEXT = 2 ** 16

/** Gymnasium's texts of arrays, `[-2. -1.]` or `-2.0`; null where they are shortened. */
function numbersOf(text: unknown): number[] | null {
  if (typeof text === 'string' && text.length > MOST_TEXT) return null
  const words = (typeof text === 'string' ? text : textOf(text))
    .replace(/[[\],]/g, ' ')
    .trim()
    .split(/\s+/)
  const numbers = words.map(Number)
  return numbers.every(Number.isFinite) ? numbers : null
}

function checkActions(space: Json, where: string, { id, actionSpace }: EnvSpec): void {
  const there = `${where}: action_space`
  const type = classPath(space[':type:'])
  const wanted = SPACES[actionSpace.kind]
  if (type !== wanted) refuse(there, `${shown(space[':type:'])}, but ${id} takes a ${wanted}`, OTHER_ENV)
  const compare = (field: string, own: readonly number[], limit: number): void => {
    const found = numbersOf(space[field])
    if (space[field] === undefined || !found) return
    const isSame =
      found.length === own.length && found.every((x, i) => Math.abs(x - own[i]) <= limit * Math.abs(own[i]))
    if (!isSame) refuse(`${there}.${field}`, `${shown(space[field])}, but ${id} has [${own.join(', ')}]`, OTHER_ENV)
  }
  if (actionSpace.kind === 'box') {
    compare('low', actionSpace.low, 1e-6)
    compare('high', actionSpace.high, 1e-6)
    return
  }
  const parts = actionSpace.kind === 'discrete' ? [actionSpace.n] : actionSpace.nvec
  compare(actionSpace.kind === 'discrete' ? 'n' : 'nvec', parts, 0)
  compare(
    'start',
    parts.map(() => 0),
    0,
  ) // choices are numbered from 0 here
}
