/** The TensorBoard log of a run: metrics under CleanRL's names, and the configuration as text. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PpoConfig } from '../../src/config/config'
import { agentConfig } from '../../src/options/sweep'
import type { DiskWatch } from '../disk/disk'
import type { AgentRow } from '../figures/csv'
import type { Setup } from '../setup/setup'
import { openEventFile } from './eventfile'
import { experiment, type HParam, type HParams, PLUGIN, STATUS, sessionEnd, sessionStart, TAGS } from './hparams'

/** The most agents that are logged; a chart with more curves is unreadable, and metrics.csv has them all. */
export const MAX_AGENTS = 64

/** TensorBoard's name of each number of a row; null if there is none. */
const SCALARS: [tag: string, value: (row: AgentRow) => number | null][] = [
  ['charts/episodic_return', (row) => row.returnMean],
  ['charts/episodic_length', (row) => row.lengthMean],
  ['charts/episodic_return_100', (row) => row.episodicReturn],
  ['charts/learning_rate', (row) => row.learningRate],
  ['charts/kl_coef', (row) => row.klCoef],
  ['losses/policy_loss', (row) => row.pgLoss],
  ['losses/value_loss', (row) => row.vLoss],
  ['losses/entropy', (row) => row.entropy],
  ['losses/loss', (row) => row.loss],
  ['losses/approx_kl', (row) => row.approxKl],
  ['losses/old_approx_kl', (row) => row.oldApproxKl],
  ['losses/kl', (row) => row.kl],
  ['losses/clipfrac', (row) => row.clipfrac],
  ['losses/grad_norm', (row) => row.gradNorm],
  ['losses/explained_variance', (row) => row.explainedVariance],
]

export interface TensorboardLog {
  /** @param seconds Seconds of training up to this row, since the log was opened; null if unknown. */
  row(row: AgentRow, seconds: number | null): void
  /** Writes the rows. */
  flush(): void
  /** Of agents that have ended it says how, for the panel "HParams". */
  close(): void
}

/** Shown there beside the hyperparameters. */
const METRICS = ['charts/episodic_return_100', 'charts/episodic_return', 'losses/entropy', 'losses/explained_variance']

const WHAT = 'the log for TensorBoard'

/**
 * Creates event files in the folder of a run: in the folder itself for one agent, else in `agent-<k>`. The run does not
 * depend on them: the first failure ends the log with a warning.
 * @param after The run continues after these timesteps of each agent: later rows in earlier files are no longer shown.
 */
export function openTensorboard(
  folder: string,
  setup: Setup,
  watch: DiskWatch,
  after: readonly number[] | null = null,
): TensorboardLog {
  let log = watch.decorate(WHAT, () => openLog(folder, setup, watch, after))
  const attempt = (act: (log: TensorboardLog) => void) => {
    const done = watch.decorate(WHAT, () => {
      if (log) act(log)
      return true
    })
    if (!done) log = undefined
  }
  return {
    row: (row, seconds) => attempt((log) => log.row(row, seconds)),
    flush: () => attempt((log) => log.flush()),
    close: () => attempt((log) => log.close()),
  }
}

function openLog(
  folder: string,
  { spec, preset, config }: Setup,
  watch: DiskWatch,
  after: readonly number[] | null,
): TensorboardLog {
  const files = Array.from({ length: Math.min(config.numAgents, MAX_AGENTS) }, (_, k) => {
    const own = config.numAgents > 1 ? join(folder, agentFolder(k)) : folder
    mkdirSync(own, { recursive: true })
    const file = openEventFile(own, watch, after?.[k] ?? null)
    const values = { env: spec.id, preset, ...agentConfig(config, k) }
    file.text('hyperparameters/text_summary', markdownTable(values))
    const hparams = listHParams(values)
    file.plugin(PLUGIN, TAGS.experiment, experiment(hparams, METRICS))
    file.plugin(PLUGIN, TAGS.start, sessionStart(hparams, Date.now() / 1000))
    return file
  })
  const statuses = files.map((): AgentRow['status'] => 'running')
  return {
    row(row, seconds) {
      if (row.agent >= files.length) return
      statuses[row.agent] = row.status
      const values = SCALARS.flatMap(([tag, value]): [string, number][] => {
        const number = value(row)
        return number === null ? [] : [[tag, number]]
      })
      if (seconds) values.push(['charts/SPS', Math.round((row.timesteps - (after?.[row.agent] ?? 0)) / seconds)])
      files[row.agent].scalars(row.timesteps, values)
    },
    flush() {
      for (const file of files) file.flush()
    },
    close() {
      for (const [k, file] of files.entries()) {
        // An interrupted agent may go on, and TensorBoard keeps the first end that it reads.
        const ended = statuses[k] !== 'running'
        const status = statuses[k] === 'notFinite' ? STATUS.failure : STATUS.success
        if (ended) file.plugin(PLUGIN, TAGS.end, sessionEnd(status, Date.now() / 1000))
        file.close()
      }
    },
  }
}

/** Every option as a number, a text or true and false; null is left out, and parameters have a name each. */
function listHParams({ envParams, ...values }: PpoConfig & { env: string; preset: string }): HParams {
  const parameters = Object.entries(envParams).map(([name, value]): [string, unknown] => [`envParams.${name}`, value])
  return [...Object.entries(values), ...parameters].flatMap(([name, value]): [string, HParam][] => {
    if (name === 'sweep' || value === null || value === undefined) return []
    return [[name, typeof value === 'object' ? JSON.stringify(value) : (value as HParam)]]
  })
}

const agentFolder = (k: number): string => `agent-${k}`

/** Whether a run of several agents has a folder of this name. */
export function isAgentFolder(name: string): boolean {
  const [, number] = /^agent-(0|[1-9]\d*)$/.exec(name) ?? []
  return number !== undefined && Number(number) < MAX_AGENTS
}

/** A table for TensorBoard's panel "Text". */
function markdownTable(values: PpoConfig & { env: string; preset: string }): string {
  const cell = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)).replace(/[|\r\n]/g, ' ')
  const rows = Object.entries(values).map(([key, value]) => `|${key}|${cell(value)}|`)
  return ['|param|value|', '|-|-|', ...rows].join('\n')
}
