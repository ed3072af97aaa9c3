/** What a sweep writes and prints at its end. */
import { isOptionName, OPTIONS } from '../../src/options/options'
import { formatValue } from '../../src/options/text'
import type { TrialValue } from '../../src/sweep/types'
import { commandLine, quoted } from '../cli/invocation'
import { count, table } from '../cli/output'
import { csvLine } from '../figures/csv'
import type { Definition } from './definition'
import type { Kept } from './folder'
import { type Finalist, type RankedTrial, rankFinalists, rankTrials, valuesText, valueText } from './ranking'

export interface SweepSummary {
  env: string
  sweep: string
  trials: number
  method: string
  seed: number
  rungs: number
  eta: number
  asha: boolean
  /** Of a trial that ends the last rung. */
  totalTimesteps: number
  /** Environment steps of all trials and finalists' runs together. */
  timesteps: number
  /** Seconds of training, over all machines. */
  seconds: number
  adapters: string[]
  /** Results that another fingerprint than the first one computed, or a mix of several. */
  marked: number
  /** The best of the search. */
  best: RankedTrial[]
  finalists: Finalist[]
  winner: Winner | null
  out: string
}

/** The finalist with the best mean; without finalists the best trial of the search. */
export interface Winner {
  trial: number
  values: Record<string, TrialValue>
  /** Its best policy. */
  policy: string | null
  /** Commands that train it again, and that evaluate its policy. */
  train: string
  eval: string | null
}

export const SHOWN = 10

/** `policies/trial-12-seed-65.safetensors`. */
export const policyName = (trial: number, seed: number): string => `policies/trial-${trial}-seed-${seed}.safetensors`

export interface Told {
  id: string
  definition: Definition
  results: readonly Kept[]
  finalists: readonly number[]
  totalTimesteps: number
  out: string
  /** Arguments of `train` that are the same for all trials: `--env CartPole-v1`. */
  trainArgs: string[]
  /** Arguments of `eval` beside the policy. */
  evalArgs: string[]
  hasPolicy(name: string): boolean
}

export function summariseSweep(told: Told): SweepSummary {
  const { definition, results } = told
  const { env, trials, method, seed, eta, rungs, asha, finalSeeds } = definition
  const ranked = rankTrials(results, rungs)
  const finalists = rankFinalists(results, { rungs, trials, seeds: finalSeeds }, told.finalists)
  const last = new Map<number, number>()
  for (const row of results) last.set(row.trial, Math.max(last.get(row.trial) ?? 0, row.timesteps))
  return {
    ...{ env: env.id, sweep: told.id, trials, method, seed, rungs, eta, asha },
    totalTimesteps: told.totalTimesteps,
    timesteps: [...last.values()].reduce((a, b) => a + b, 0),
    seconds: Number(results.reduce((sum, row) => sum + row.seconds, 0).toFixed(3)),
    adapters: [...new Set(results.map(({ fingerprint }) => fingerprint.adapter))],
    marked: results.filter(({ other, mixed }) => other || mixed).length,
    best: ranked.slice(0, SHOWN),
    finalists,
    winner: winnerOf(told, ranked, finalists),
    out: told.out,
  }
}

function winnerOf(told: Told, ranked: RankedTrial[], finalists: Finalist[]): Winner | null {
  const [first] = finalists
  const best = first?.mean != null ? first : ranked.find(({ score }) => score !== null)
  if (!best) return null
  const scores = 'scores' in best ? best.scores.map((score) => score!) : []
  const seed =
    'seeds' in best ? best.seeds[scores.reduce((most, score, i) => (score > scores[most] ? i : most), 0)] : best.seed
  const name = policyName(best.trial, seed)
  const policy = told.hasPolicy(name) ? `${told.out}/${name}` : null
  return {
    ...{ trial: best.trial, values: best.values, policy },
    train: commandLine(
      'train',
      [...told.trainArgs, ...valueArgs(best.values), '--seed', String(seed)].map(quoted).join(' '),
    ),
    eval: policy && commandLine('eval', [policy, ...told.evalArgs].map(quoted).join(' ')),
  }
}

/** As `--set` and `--env-set` take them. */
const valueArgs = (values: Record<string, TrialValue>): string[] =>
  Object.entries(values)
    .filter(([name]) => name !== 'seed')
    .flatMap(([name, value]) =>
      isOptionName(name)
        ? ['--set', `${name}=${formatValue(value, OPTIONS[name])}`]
        : ['--env-set', `${name.slice('env.'.length)}=${value}`],
    )

/** Every result, in the order of rungs and trials. */
export function resultsCsv(results: readonly Kept[]): string {
  const names = [...new Set(results.flatMap(({ values }) => Object.keys(values)))]
  const sorted = [...results].sort((a, b) => a.rung - b.rung || a.trial - b.trial)
  const head = ['trial', 'rung', 'seed', ...names, 'timesteps', 'score', 'status', 'seconds', 'adapter', 'marked']
  const lines = sorted.map(
    ({ trial, rung, seed, values, timesteps, score, status, seconds, fingerprint, other, mixed }) => [
      ...[trial, rung, seed],
      ...names.map((name) =>
        typeof values[name] === 'object' && values[name] ? values[name].join(' ') : values[name],
      ),
      ...[timesteps, score, status, seconds, fingerprint.adapter, other || mixed],
    ],
  )
  return [head, ...lines].map(csvLine).join('')
}

export function summaryText(summary: SweepSummary): string {
  const { best, finalists, winner, trials, rungs, timesteps, seconds, adapters, marked, out } = summary
  const names = Object.keys(best[0]?.values ?? {})
  const shown =
    best.length < trials
      ? `The best ${best.length} of ${count(trials)} trials; ${out}/results.csv has all:`
      : 'The trials:'
  const rows = best.map(({ trial, values, score, rung, timesteps, marked }) => [
    `${trial}${marked ? '*' : ''}`,
    ...names.map((name) => valueText(values[name])),
    `${rung + 1} of ${rungs}`,
    count(timesteps),
    count(score, 1),
  ])
  const star =
    marked > 0
      ? [
          `* computed, in part or whole, by another adapter, browser or version than the first result; of ${count(marked)} results in all. The same bits are not promised between them.`,
        ]
      : []
  return [
    shown,
    table([['trial', ...names, 'rung', 'steps', 'score'], ...rows]),
    ...star,
    ...finalistLines(finalists, names),
    ...winnerLines(winner, finalists),
    `${count(timesteps)} steps in ${count(seconds, 1)} s of training, on ${adapters.join(', ')}.`,
    `The sweep is in ${out}: result.json, results.csv, parallel.svg, scatter.svg.`,
  ].join('\n')
}

function finalistLines(finalists: Finalist[], names: string[]): string[] {
  if (finalists.length === 0) return []
  const { seeds } = finalists[0]
  const rows = finalists.map(({ trial, values, searchScore, mean, std, iqm, iqmLow, iqmHigh }) => [
    String(trial),
    ...names.map((name) => valueText(values[name])),
    count(searchScore, 1),
    mean === null ? '-' : `${count(mean, 1)} +- ${count(std, 1)}`,
    ...(seeds.length >= 3 ? [count(iqm, 1), iqmLow === null ? '-' : `${count(iqmLow, 1)} - ${count(iqmHigh, 1)}`] : []),
  ])
  const more = seeds.length >= 3 ? ['interquartile mean', '95 % interval'] : []
  return [
    '',
    `The best trials again, over ${seeds.length} seed${seeds.length === 1 ? '' : 's'} that the search did not use (${seeds[0]} to ${seeds.at(-1)}). The score of the search is`,
    'that of the best of many, so it is too good: judge by the mean.',
    table([['trial', ...names, 'search', 'mean over seeds', ...more], ...rows]),
  ]
}

function winnerLines(winner: Winner | null, finalists: Finalist[]): string[] {
  if (!winner)
    return ['', 'No trial has a score: no episode has ended, or every trial met a number that is not finite.']
  const how = finalists.length > 0 ? 'The best by the mean over the seeds' : 'The best of the search'
  return [
    '',
    `${how} is trial ${winner.trial}: ${valuesText(winner.values)}. Train it with:`,
    `  ${winner.train}`,
    ...(winner.eval ? ['Evaluate its best policy with:', `  ${winner.eval}`] : []),
  ]
}
