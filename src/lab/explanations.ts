/** What each quantity of the page means: those of a metrics row from the table that docs/metrics.md is made of. */
import { METRICS, SOURCES, SYMBOLS } from '../metrics/meanings'

export interface Explanation {
  title: string
  /** Its name in files and in the library. */
  own?: string
  unit?: string
  text: string
  equation?: string
  source?: string
}

/** Quantities of the page alone. */
const OWN: Record<string, Explanation> = {
  sps: {
    title: 'Steps per second',
    own: 'sps',
    unit: 'steps/s',
    text: 'Environment steps of all agents in a second, over the latest three seconds; playing and learning together.',
    equation: 'iterations x batchSize x numAgents / seconds',
  },
  state: {
    title: 'State',
    text: 'Learning, or only watching. A run ends when it has used all its steps, or as solved, when the mean return of 100 episodes reaches the threshold of the environment; diverged means that a number became infinite or undefined.',
  },
  iteration: {
    title: 'Iteration',
    text: 'One round: play numSteps steps in each of numEnvs copies of the environment, then update the networks with what happened, updateEpochs times over.',
    equation: 'batchSize = numEnvs x numSteps',
  },
  timesteps: {
    title: 'Timesteps',
    text: 'Environment steps that each agent has played so far, and how many the run has in all.',
    equation: 'iteration x batchSize',
  },
  fps: {
    title: 'Pictures per second',
    text: 'How often the environments are drawn. On a software adapter at most 5: one processor trains and draws.',
    equation: 'pictures of the latest 2 s / 2',
  },
  submit: {
    title: 'Submit',
    unit: 'ms',
    text: 'How long the GPU works on one piece of training: below 8 ms while this page is visible.',
    equation: 'end of a submit - its beginning, in ms',
  },
  seed: {
    title: 'Seed',
    own: 'seed',
    text: 'The number that all random numbers of the run follow from. The same seed and options on the same adapter give the same curve, bit by bit.',
  },
  adapter: {
    title: 'Adapter',
    text: 'What computes: the GPU as the browser names it, or a program that imitates one on the processor.',
  },
  action: {
    title: 'Action',
    text: 'What the policy wants to do with the observation beside it: the probability of each choice, or the mean and the standard deviation of each number. The action that was drawn is bold.',
    equation: 'pi(action | obs)',
  },
  observation: {
    title: 'Observation',
    text: 'The numbers that the networks get, and nothing else; with normObs they are normalised by the mean and variance seen so far.',
  },
  value: {
    title: 'Value',
    text: 'What the critic expects: the discounted sum of the rewards from here on. What then happens, less this, is the advantage.',
    equation: 'v = E[reward + gamma x reward of the next step + ...]',
  },
  filters: {
    title: 'Filters and feature maps',
    text: 'A filter is a small map of weights for each channel of the observation. It lies on every place of the observation, and the sum of what is below it, weight by weight, is one pixel of its feature map. A large number means that the place looks like the filter. Layers behind it do the same with the maps before them.',
    equation: 'map(y, x) = activation(bias + sum of weight(ky, kx, channel) x obs(y + ky, x + kx, channel))',
  },
  objective: {
    title: 'The clipped objective',
    text: 'An action with a positive advantage was better than expected and should become likelier, but not without end: above 1 + clipCoef the line is flat, and a flat line has no gradient. For a negative advantage the same holds below 1 - clipCoef.',
    equation: 'min(A r, A clamp(r, 1 - clipCoef, 1 + clipCoef))',
    source: '[PPO] eq. 7, fig. 1',
  },
  population: {
    title: 'Population',
    text: 'Several agents that train at the same time in the same kernels, each with its own networks, seed and value of the chosen option. The curves show their mean and the middle half of them.',
    equation: 'equal ratios: from x (to / from)^(k / (agents - 1)); equal steps: from + (to - from) x k / (agents - 1)',
  },
}

const plain = (text: string): string => text.replaceAll('`', '').replaceAll("'", '’')

/** `[PPO] eq. 7` with the name of the paper. */
const fullSource = (source: string): string =>
  source.replace(/\[(\w+)\],?/, (_, name: string) => `${SOURCES[name] ?? name},`).replace(/,$/, '')

export function explanationOf(about: string): Explanation | undefined {
  const known = Object.hasOwn(OWN, about) ? OWN[about] : ofMetric(about)
  return known && { ...known, source: known.source && fullSource(known.source) }
}

function ofMetric(name: string): Explanation | undefined {
  if (!Object.hasOwn(METRICS, name)) return undefined
  const { title, explain, equation, source, unit } = METRICS[name as keyof typeof METRICS]
  if (!title || !explain) return undefined
  return { title, own: name, unit, text: plain(explain), equation: equation && plain(equation), source }
}

/** The symbols in an equation, with their meaning. */
export const symbolsOf = (equation: string): [symbol: string, meaning: string][] =>
  Object.entries(SYMBOLS)
    .filter(([symbol]) => new RegExp(`(?<![\\w])${symbol}(?![\\w])`).test(equation))
    .map(([symbol, meaning]) => [symbol, plain(meaning)])
