/** Fields of the result of `runs`. */
import type { Fields } from '../../cli/fields'
import type { ListedRun, SkippedRun } from '../../rundir/listruns'

export interface RunsResult {
  runs: ListedRun[]
  skipped: SkippedRun[]
  differing: string[]
  plot: string | null
}

export const RUNS_FIELDS: Fields<RunsResult> = {
  runs: {
    each: {
      folder: { type: 'text', help: 'Its folder.' },
      env: { type: 'text', help: 'Id of the environment.' },
      score: {
        type: 'number or null',
        help: 'Mean return over the latest 100 episodes; of `learn` the mean of its evaluations.',
      },
      steps: { type: 'number', help: 'Timesteps of an agent; the mean, with several.' },
      date: { type: 'text', help: 'When it began: ISO 8601, UTC.' },
      agents: { type: 'number', help: 'Agents.' },
      seed: { type: 'number or null', help: 'Seed of agent 0.' },
      state: { type: 'text', help: '`finished`, or `unfinished`: without a result, or interrupted.' },
      preset: { type: 'text or null', help: 'Its preset.' },
      options: { type: 'object', help: 'Its options, and parameters of the environment as `envParams.NAME`.' },
    },
    help: 'The runs, in the order of `--sort`.',
  },
  skipped: {
    each: {
      folder: { type: 'text', help: 'The folder.' },
      why: { type: 'text', help: 'Why it is left out.' },
    },
    help: 'Folders that are no runs, or damaged.',
  },
  differing: { type: 'list of texts', help: 'Options that differ among the runs, but for the seed.' },
  plot: { type: 'text or null', help: 'The picture of `--plot`.' },
}
