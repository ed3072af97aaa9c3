/** Fields of the result of `sweep`. */
import type { Fields } from '../../cli/fields'
import type { Finalist, RankedTrial } from '../../sweep/ranking'
import type { SweepSummary, Winner } from '../../sweep/report'
import type { ScaleRow } from '../../sweep/scaling'
import { MEASURED } from './bench'

const VALUES = {
  type: 'object',
  help: 'What was searched; a parameter of the environment is called `env.<parameter>`.',
} as const
const TRIAL = { type: 'number', help: 'Which trial, from 0.' } as const

const RANKED: Fields<RankedTrial> = {
  trial: TRIAL,
  seed: { type: 'number', help: 'Its seed.' },
  values: VALUES,
  score: {
    type: 'number or null',
    help: 'Mean return of its latest 100 or more episodes, in the rung that it reached; null when none has ended, or at a number that is not finite.',
  },
  rung: { type: 'number', help: 'The last rung that it ended, from 0.' },
  timesteps: { type: 'number', help: 'Timesteps until then.' },
  status: { type: 'text', help: '`running`, `finished`, `notFinite` or `failed`.' },
  marked: {
    type: 'true or false',
    help: 'Whether another adapter, browser or version than that of the first result took part.',
  },
}

const FINALIST: Fields<Finalist> = {
  trial: TRIAL,
  values: VALUES,
  searchScore: { type: 'number', help: 'Its score in the search: that of the best of many, so too good.' },
  seeds: { type: 'list of numbers', help: 'Seeds that the search did not use.' },
  scores: { type: 'list of numbers or null', help: 'The score of each, after the whole budget.' },
  mean: { type: 'number or null', help: 'Their mean; null when a seed has none.' },
  std: { type: 'number or null', help: 'Their standard deviation (with n).' },
  iqm: { type: 'number or null', help: 'Their interquartile mean.' },
  iqmLow: { type: 'number or null', help: 'Lower end of its 95 % interval; null below 3 seeds.' },
  iqmHigh: { type: 'number or null', help: 'Upper end.' },
  weightsHashes: { type: 'object', help: 'Of each seed, SHA-256 of the final parameters.' },
}

const WINNER: Fields<Winner> = {
  trial: TRIAL,
  values: VALUES,
  policy: { type: 'text or null', help: 'File of its best policy.' },
  train: { type: 'text', help: 'The command that trains it.' },
  eval: { type: 'text or null', help: 'The command that evaluates the policy.' },
}

export const SWEEP_FIELDS: Fields<SweepSummary> = {
  env: { type: 'text', help: 'Id of the environment.' },
  sweep: { type: 'text', help: 'A hash of what the sweep is: 16 hexadecimal digits.' },
  trials: { type: 'number', help: 'Trials of the search.' },
  method: { type: 'text', help: '`random`, `grid` or `sobol`.' },
  seed: { type: 'number', help: 'Seed of the first trial, and of what is drawn.' },
  rungs: { type: 'number', help: 'Rungs of the search.' },
  eta: { type: 'number', help: 'One of so many trials goes on from a rung to the next.' },
  asha: { type: 'true or false', help: 'Whether trials were promoted without waiting for the others.' },
  totalTimesteps: { type: 'number', help: 'Timesteps of a trial that goes through all rungs.' },
  timesteps: { type: 'number', help: "Environment steps of all trials and of the finalists' runs." },
  seconds: { type: 'number', help: 'Seconds of training, the sum over all machines.' },
  adapters: { type: 'list of texts', help: 'What computed it; software adapters end in "(software)".' },
  marked: { type: 'number', help: 'Results of another adapter, browser or version than the first one.' },
  best: { each: RANKED, help: 'The best ten trials of the search.' },
  finalists: { each: FINALIST, help: 'The best trials over fresh seeds, the best mean first.' },
  winner: {
    of: WINNER,
    help: 'The finalist with the best mean, without finalists the best trial; null when none has a score.',
  },
  out: { type: 'text', help: 'The folder of the sweep.' },
}

export const SCALE_FIELDS: Fields<{ scale: ScaleRow[] }> = {
  scale: {
    each: {
      trials: { type: 'number', help: 'Trials of the search.' },
      asha: { type: 'true or false', help: 'Whether trials are promoted without waiting for the others.' },
      workers: { type: 'number', help: 'Simulated workers.' },
      batch: { type: 'number', help: 'Most agents in a batch.' },
      seed: { type: 'number', help: 'Seed of the trials, the scores and the faults.' },
      rungs: { type: 'number', help: 'Rungs of the search.' },
      results: { type: 'number', help: 'Results that were recorded, one for each trial and rung.' },
      duplicates: { type: 'number', help: 'Results that came again and were discarded.' },
      batches: { type: 'number', help: 'Batches that were handed out.' },
      redelivered: { type: 'number', help: 'Batches that another worker went on with.' },
      hours: { type: 'number', help: 'Simulated hours from the first batch to the last result.' },
      busy: { type: 'number', help: 'Share of the time that a worker had work.' },
      msPerResult: { type: 'number', help: 'Real milliseconds of the coordinator for each result.' },
      msLongest: { type: 'number', help: 'Of its longest decision.' },
      bytes: { type: 'number', help: 'Of all that the coordinator holds in memory, at the end.' },
      messages: { type: 'number', help: 'Through the NATS server, both directions.' },
      fileBytes: { type: 'number', help: 'Of checkpoints, through the server.' },
      ...MEASURED,
    },
    help: 'Two for each size.',
  },
}
