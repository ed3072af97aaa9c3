/** Fields of the results of `train`, `learn`, `eval` and `export`. */
import type { ParamSettings } from '../../../src/options/params'
import type { Fields } from '../../cli/fields'
import type { PopulationSummary } from '../../figures/population'
import type { BestScore, TrainSummary } from '../../figures/summary'
import type { Model } from '../../onnx/model'
import type { LearnSummary } from '../../training/seeds'

const ENV = { type: 'text', help: 'Id of the environment.' } as const
const ADAPTER = { type: 'text', help: 'What computed it; software adapters end in "(software)".' } as const
const PLAN = { type: 'text', help: '`fused`, `layered`, or `reference`.' } as const
const OUT = { type: 'text', help: 'The run folder.' } as const
const WALL_SECONDS = {
  type: 'number',
  help: 'Seconds of training, from the first dispatch to the last readback.',
} as const
const SWEPT = 'Values of the options and parameters that differ between the agents.'

const BEST_SCORE: Fields<BestScore> = {
  timesteps: { type: 'number', help: 'Its timesteps.' },
  evalReturn: {
    type: 'number',
    help: 'Mean return of the evaluation by which it was chosen: the largest of many, so too good on average.',
  },
  freshReturn: {
    type: 'number or null',
    help: 'Mean return of as many other episodes, played on the CPU at the end; null after an interruption.',
  },
  freshSeed: { type: 'number', help: 'Seed of these, for `eval --best --seed`.' },
}
const BEST_POLICIES = {
  each: BEST_SCORE,
  when: '`evalEvery` is not 0',
  help: 'The best policy of each agent, policy-best.safetensors; null for an agent without an evaluation.',
}

type Best = NonNullable<PopulationSummary['best']>
const BEST: Fields<Best> = {
  agent: { type: 'number', help: 'Which agent, from 0.' },
  seed: { type: 'number', help: 'Its seed.' },
  episodicReturn: { type: 'number', help: 'Its mean return over the latest 100 episodes.' },
  solvedAt: { type: 'number or null', help: 'Timesteps until it was solved.' },
  swept: { type: 'object', help: SWEPT },
}

const POPULATION: Fields<PopulationSummary> = {
  counted: {
    type: 'number',
    help: 'Agents with 100 finished episodes and finite weights; the figures below are over them.',
  },
  diverged: { type: 'number', help: 'Agents that met a number that is not finite.' },
  best: {
    of: BEST,
    help: 'The agent with the largest return; of equal ones the one solved first. Null when none counts.',
  },
  median: { type: 'number or null', help: 'Median of the returns.' },
  iqm: { type: 'number or null', help: 'Interquartile mean of the returns.' },
  iqmLow: {
    type: 'number or null',
    help: 'Lower end of its 95 % interval, from 10,000 bootstrap resamples; null below 3 agents.',
  },
  iqmHigh: { type: 'number or null', help: 'Upper end.' },
}

export const TRAIN_FIELDS: Fields<TrainSummary> = {
  env: ENV,
  seed: { type: 'number', help: 'Seed of agent 0.' },
  numAgents: { type: 'number', help: 'Agents.' },
  timesteps: { type: 'number', help: 'Environment steps until an agent stopped; mean over the agents.' },
  iterations: { type: 'number', help: 'Iterations of the agent that trained longest.' },
  episodes: { type: 'number', help: 'Episodes that ended; mean over the agents.' },
  episodicReturn: {
    type: 'number or null',
    help: 'Mean return over the latest 100 episodes; mean over the agents, null when one has none.',
  },
  solvedAt: { type: 'number or null', help: 'Timesteps until solved; mean over the agents, null when one has none.' },
  wallSeconds: WALL_SECONDS,
  sps: { type: 'number', help: 'Environment steps of all agents per second of training.' },
  plan: PLAN,
  dispatchesPerIteration: { type: 'number', help: 'Dispatches in an iteration.' },
  adapter: ADAPTER,
  out: OUT,
  weightsHash: { type: 'text', help: 'SHA-256 of all final parameters.' },
  diagnosis: {
    each: {
      id: { type: 'text', help: '`kl`, `clipping`, `entropy`, `episodes`, `critic`, `gradient` or `flat`.' },
      text: { type: 'text', help: 'A sentence: what the metrics show, and what to try.' },
      link: { type: 'text', help: 'Its paragraph in the documents.' },
      from: { type: 'number', help: 'Timesteps at which it was first seen.' },
      until: { type: 'number', help: 'Timesteps at which it was last seen.' },
      agents: { type: 'number', help: 'How many agents showed it, of the first 64.' },
    },
    help: 'Why it does not learn: [what each means](troubleshooting.md#why-does-it-not-learn). Empty where nothing was found.',
  },
  best: BEST_POLICIES,
  population: { of: POPULATION, when: 'several agents', help: 'A summary over the agents.' },
  agents: {
    each: {
      seed: { type: 'number', help: 'Its seed.' },
      episodicReturn: { type: 'number or null', help: 'Its mean return over the latest 100 episodes.' },
      solvedAt: { type: 'number or null', help: 'Timesteps until it was solved.' },
      swept: { type: 'object', when: 'something differs between the agents', help: SWEPT },
    },
    when: 'several agents',
    help: 'Each agent, in order.',
  },
}

export const LEARN_FIELDS: Fields<LearnSummary> = {
  env: ENV,
  preset: { type: 'text', help: '`default`, or the preset that was named.' },
  seeds: { type: 'list of numbers', help: 'The seeds; the lists below have one entry for each.' },
  evalReturn: { type: 'number or null', help: 'Mean of `evalReturns`; null when a seed was not evaluated.' },
  evalReturnStd: { type: 'number or null', help: 'Their standard deviation (with n).' },
  evalReturns: { type: 'list of numbers or null', help: 'Mean return of 100 episodes with deterministic actions.' },
  evalIqm: { type: 'number or null', help: 'Interquartile mean of `evalReturns`; null when a seed was not evaluated.' },
  evalIqmLow: {
    type: 'number or null',
    help: 'Lower end of its 95 % interval, from 10,000 bootstrap resamples of the seeds; null below 3 seeds.',
  },
  evalIqmHigh: { type: 'number or null', help: 'Upper end.' },
  best: BEST_POLICIES,
  solvedAt: { type: 'list of numbers or null', help: 'Timesteps until solved.' },
  solvedSeconds: {
    type: 'list of numbers or null',
    help: 'Seconds of training, all seeds side by side, until the seed was seen to be solved.',
  },
  timesteps: { type: 'number', help: 'Environment steps of a seed; mean over the seeds.' },
  wallSeconds: WALL_SECONDS,
  sps: { type: 'number', help: 'Environment steps of all seeds per second of training.' },
  plan: PLAN,
  adapter: ADAPTER,
  curve: {
    each: {
      timesteps: { type: 'number', help: 'Environment steps of a seed.' },
      mean: { type: 'number', help: 'Return over the latest 100 episodes; mean over the seeds.' },
      q25: { type: 'number', help: 'First quartile over the seeds.' },
      q75: { type: 'number', help: 'Third quartile.' },
    },
    help: 'The learning curve, at most 400 points.',
  },
  out: OUT,
}

/** One episode of `eval`. */
export interface EpisodeRow {
  episode: number
  return: number
  length: number
  ended: 'terminated' | 'truncated' | 'capped'
  params?: Record<string, number | boolean>
}

export interface EvalResult {
  env: string
  episodes: number
  meanReturn: number
  stdReturn: number
  minReturn: number
  maxReturn: number
  meanLength: number
  capped: number
  seed: number
  envParams?: ParamSettings
  deterministic: boolean
  agent: number
  numAgents: number
  rows: EpisodeRow[]
  environment: Record<string, unknown> | null
  origin: Record<string, unknown> | null
}

export const EVAL_FIELDS: Fields<EvalResult> = {
  env: ENV,
  episodes: { type: 'number', help: 'Episodes played.' },
  meanReturn: { type: 'number', help: 'Mean of their returns.' },
  stdReturn: { type: 'number', help: 'Standard deviation (with n).' },
  minReturn: { type: 'number', help: 'Smallest.' },
  maxReturn: { type: 'number', help: 'Largest.' },
  meanLength: { type: 'number', help: 'Mean length in steps.' },
  capped: {
    type: 'number',
    help: 'Episodes that were ended after 100,000 steps, because the environment has no time limit; 0 where it has one.',
  },
  seed: { type: 'number', help: 'Seed of the episodes.' },
  envParams: { type: 'object', when: 'the environment has parameters', help: 'Their values.' },
  deterministic: { type: 'true or false', help: 'False with `--stochastic`.' },
  agent: { type: 'number', help: 'Which agent, from 0.' },
  numAgents: { type: 'number', help: 'Agents of the run or checkpoint.' },
  rows: {
    each: {
      episode: { type: 'number', help: 'Its number, from 0.' },
      return: { type: 'number', help: 'Its return.' },
      length: { type: 'number', help: 'Its length in steps.' },
      ended: {
        type: 'text',
        help: '`terminated` by the task, `truncated` by the time limit, or `capped` after 100,000 steps.',
      },
      params: { type: 'object', when: 'the environment has parameters', help: 'Their values in this episode.' },
    },
    help: 'Each episode, in order.',
  },
  environment: {
    type: 'object',
    help: 'Spaces, names and hash of the environment, as the file says; null in files of before 0.3.0.',
  },
  origin: {
    type: 'object',
    help: 'How it was trained, as the file says; null in files of before 0.3.0: [fields](runs.md#what-does-a-policy-file-say-of-itself).',
  },
}

type OnnxValue = Model['inputs'][number]
export interface ExportResult {
  env: string
  policy: string
  out: string
  bytes: number
  opset: number
  irVersion: number
  inputs: OnnxValue[]
  outputs: OnnxValue[]
}

const VALUE: Fields<OnnxValue> = {
  name: { type: 'text', help: 'Its name.' },
  type: { type: 'text', help: '`float` or `int64`.' },
  shape: { type: 'list of numbers or texts', help: 'Its sizes; `batch` is as many observations as are given.' },
}

export const EXPORT_FIELDS: Fields<ExportResult> = {
  env: ENV,
  policy: { type: 'text', help: 'The policy file that was read.' },
  out: { type: 'text', help: 'The model that was written.' },
  bytes: { type: 'number', help: 'Its size.' },
  opset: { type: 'number', help: 'Version of the ONNX operators.' },
  irVersion: { type: 'number', help: 'Version of the ONNX format.' },
  inputs: { each: VALUE, help: 'Inputs of the model.' },
  outputs: { each: VALUE, help: 'Outputs of the model.' },
}
