/** What a run tells TensorBoard: metrics under the names that CleanRL uses, and the configuration as text. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PpoConfig } from '../../src/config'
import { agentConfig } from '../../src/sweep'
import type { AgentRow } from '../csv'
import type { DiskWatch } from '../disk'
import type { Setup } from '../setup'
import { EVENT_FILE, openEventFile } from './eventfile'

/** Agents that are logged; a chart with more curves says nothing, and metrics.csv has them all. */
export const MAX_AGENTS = 64

/** TensorBoard's name of each number of a row; null where there is none. */
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
  /** @param seconds Of training until this row, since the log was opened; null when they are not known. */
  row(row: AgentRow, seconds: number | null): void
  /** Writes the rows. */
  flush(): void
  close(): void
}

/**
 * Begins event files in the folder of a run: in the folder itself for one agent, else in `agent-<k>`.
 * @param after The run goes on after these timesteps: rows of later ones that earlier files hold are not shown any more.
 */
export function openTensorboard(
  folder: string,
  { spec, preset, config }: Setup,
  watch: DiskWatch,
  after: number | null = null,
): TensorboardLog {
  const files = Array.from({ length: Math.min(config.numAgents, MAX_AGENTS) }, (_, k) => {
    const own = config.numAgents > 1 ? join(folder, agentFolder(k)) : folder
    mkdirSync(own, { recursive: true })
    const file = openEventFile(own, watch, after)
    file.text('hyperparameters/text_summary', markdownTable({ env: spec.id, preset, ...agentConfig(config, k) }))
    return file
  })
  return {
    row(row, seconds) {
      if (row.agent >= files.length) return
      const values = SCALARS.flatMap(([tag, value]): [string, number][] => {
        const number = value(row)
        return number === null ? [] : [[tag, number]]
      })
      if (seconds) values.push(['charts/SPS', Math.round((row.timesteps - (after ?? 0)) / seconds)])
      files[row.agent].scalars(row.timesteps, values)
    },
    flush() {
      for (const file of files) file.flush()
    },
    close() {
      for (const file of files) file.close()
    },
  }
}

const agentFolder = (k: number): string => `agent-${k}`

/** Removes the event files of an earlier run in `folder`, and the folders that held nothing else. */
export function removeEvents(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (EVENT_FILE.test(name)) rmSync(path)
    if (!/^agent-\d+$/.test(name)) continue
    for (const file of readdirSync(path)) if (EVENT_FILE.test(file)) rmSync(join(path, file))
    if (readdirSync(path).length === 0) rmSync(path, { recursive: true })
  }
}

/** A table for TensorBoard's panel "Text". */
function markdownTable(values: PpoConfig & { env: string; preset: string }): string {
  const cell = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)).replace(/[|\r\n]/g, ' ')
  const rows = Object.entries(values).map(([key, value]) => `|${key}|${cell(value)}|`)
  return ['|param|value|', '|-|-|', ...rows].join('\n')
}
