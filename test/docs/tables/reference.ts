/** Metrics, the keys of the lab's links, and the tensors of files. */
import { findEnv } from '../../../envs/registry'
import { stateLayout } from '../../../src/checkpoint/tensors'
import { resolveConfig } from '../../../src/config/config'
import { LINK_KEYS } from '../../../src/lab/link'
import { HEALTH_BUFFERS } from '../../../src/metrics'
import { METRIC_NAMES, METRICS, SOURCES, SYMBOLS } from '../../../src/metrics/meanings'
import { dumpShapes } from '../../../src/run/dumptensors'
import { code, table } from '../markdown'

export function metricTable(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { meaning, equation = '', source = '' } = METRICS[name]
    return [code(name), meaning, equation, source]
  })
  return table(['metric', 'meaning', 'equation', 'source'], rows)
}

/** What the curves of a run say, one paragraph for each of its quantities. */
export function curveTable(): string {
  const explained = METRIC_NAMES.flatMap((name) => {
    const { title, explain } = METRICS[name]
    return title && explain ? [[title, code(name), explain]] : []
  })
  return table(['quantity', 'metric', 'what a curve of it says'], explained)
}

export const symbolTable = (): string => table(['symbol', 'meaning'], Object.entries(SYMBOLS))

export function sourceTable(): string {
  const rows = Object.entries(SOURCES).map(([name, which]) => [`[${name}]`, which])
  return table(['source', 'which'], rows)
}

export function linkTable(): string {
  const own = Object.entries(LINK_KEYS).map(([key, { values = [], help }]) => [
    code(key),
    values.map((value) => code(`${value}`)).join(', '),
    help,
  ])
  const others = [
    ['an option', 'as in [options](options.md)', "Any option by its name; the environment's own value unless given."],
    ['`env.` and a parameter', 'as with `--env-set`', 'A parameter of the environment, such as `env.gravity=-4`.'],
  ]
  return table(['key', 'values', 'what'], [...own, ...others])
}

const MEANINGS: Record<(typeof HEALTH_BUFFERS)[number], string> = {
  obs: 'an observation',
  logits: "an output of the policy's network: a logit, or a mean",
  actions: 'an action that was drawn',
  logprobs: 'the log-probability of that action',
  values: "the critic's estimate",
  states: "a number of the environment's own state, after the step",
  rewards: 'a reward',
  finalObs: 'the last observation of an episode',
  advantages: 'an advantage, or a return',
  gradients: 'a gradient; `step` is then the optimiser step of the iteration',
  parameters: "a weight, or one of Adam's moments; `step` as for gradients",
  masks: 'no number: a mask that allows no choice of a part of the action',
}

export function faultTable(): string {
  return table(
    ['buffer', 'what is not finite'],
    HEALTH_BUFFERS.map((name) => [code(name), MEANINGS[name]]),
  )
}

/** Those of CartPole-v1 with normalisation and two agents. */
export function checkpointTable(): string {
  const spec = findEnv('CartPole-v1')
  const config = resolveConfig(spec.preset, { numAgents: 2, normObs: true, normReward: true }, spec)
  const { tensors } = stateLayout(spec, config)
  const rows = tensors.map(({ name, dtype, shape, buffer }) => [
    code(name),
    `${dtype} [${shape.join('][')}]`,
    code(buffer),
  ])
  // Adam's moments have the names and shapes of the weights.
  const ofAdam = /^`adam\.[mv]\./
  const first = rows.findIndex(([name]) => ofAdam.test(name))
  const moments = ['m', 'v'].map((moment) => [`\`adam.${moment}.\` and a name above`, 'as there', code('moments')])
  const others = rows.filter(([name]) => !ofAdam.test(name))
  others.splice(first, 0, ...moments)
  return table(['tensor', 'type and shape', 'of the buffer'], others)
}

type Shapes = ReturnType<typeof dumpShapes>
const DUMPED: { [P in keyof Shapes]: Record<keyof Shapes[P], string> } = {
  both: { parameters: 'the weights of the agent, padded', moments: "Adam's m and v" },
  update: {
    gradient: 'the gradient of the minibatch',
    minibatch: 'the records of the minibatch, in its order',
    minibatch_observations: 'their observations, where these are packed: words',
    advantage_moments: 'mean, and 1 / (std + 1e-8), of its advantages',
  },
  rollout: {
    records: "the environment's records, the one after the last step included",
    final_obs: 'its last observations of episodes',
    observations: 'where observations are packed: the words of those of the records',
    final_observations: 'the same instead of `final_obs`',
    env_state: 'its `EnvState`, after the last step',
    normaliser: 'only where something is normalised: the statistics of the agent',
  },
}
const WHEN = { both: 'always', update: 'a fault of an update', rollout: 'a fault of the rollout' }
/** Sizes that tell themselves apart, and what they are called. */
const SIZES = {
  paramStride: 11,
  minibatchSize: 13,
  numSteps: 17,
  record: 19,
  obsStride: 23,
  obsWords: 37,
  envWords: 29,
  statistics: 31,
}
const SIZE_NAMES = new Map([
  ...Object.entries(SIZES).map(([name, size]) => [size, name] as const),
  [18, 'numSteps + 1'],
])

export function dumpTable(): string {
  const rows = Object.entries(dumpShapes(SIZES)).flatMap(([part, tensors]) =>
    Object.entries(tensors).map(([name, shape]) => [
      code(name),
      `${/observations|env_state/.test(name) ? 'U32' : 'F32'} ${shape.map((size) => `[${SIZE_NAMES.get(size) ?? size}]`).join('')}`,
      WHEN[part as keyof Shapes],
      (DUMPED[part as keyof Shapes] as Record<string, string>)[name],
    ]),
  )
  return table(['tensor', 'type and shape', 'when', 'what'], rows)
}
