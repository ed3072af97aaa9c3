/** Functions of the caller that hear of each iteration, evaluation and checkpoint: options of `train`. */
import type { MetricsRow } from '../metrics'
import { ConfigError } from '../options/errors'
import type { Hooks, TrainUpdate } from './api'

const FUNCTIONS = ['onIteration', 'onEvaluation', 'onCheckpoint'] as const
const OWN_NAME = /^[A-Za-z_][A-Za-z0-9_./-]{0,63}$/

/** A hook or a metric of the caller failed. `cause` is its own error. */
export class HookError extends Error {
  override name = 'HookError'
  constructor(
    readonly hook: string,
    /** The iteration that it was given, or of the checkpoint's last row. */
    readonly iteration: number,
    what: string,
    cause?: unknown,
  ) {
    super(`${hook}: in iteration ${iteration}: ${what}`, { cause })
  }
}

/** @throws ConfigError for what is no function, or a metric whose name cannot be used. */
export function checkHooks(hooks: Hooks): void {
  for (const name of FUNCTIONS) {
    const given: unknown = hooks[name]
    if (given !== undefined && typeof given !== 'function') {
      throw new ConfigError(`${name}: ${JSON.stringify(given)} is not a function. Give a function, or leave it out.`)
    }
  }
  const metrics: unknown = hooks.metrics ?? {}
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    throw new ConfigError(
      `metrics: ${JSON.stringify(metrics)} is not an object. Give { name: (row, agent) => number }.`,
    )
  }
  for (const [name, given] of Object.entries(metrics)) {
    const where = `metrics.${name}`
    if (!OWN_NAME.test(name)) {
      throw new ConfigError(
        `${where}: the name must begin with a letter or _, and go on with letters, digits, _ . / or -, 64 in all. Rename it.`,
      )
    }
    if (typeof given !== 'function') {
      throw new ConfigError(
        `${where}: ${JSON.stringify(given)} is not a function. Give (row, agent) => number or null.`,
      )
    }
  }
}

/**
 * Calls hooks with the updates of a run. An update whose hook failed is kept: the next loop gives it, after the
 * iterations of it that the hooks have not heard of.
 */
export class Hooked {
  private kept: TrainUpdate | undefined
  /** Iterations of `kept` that the hooks have heard of. */
  private heard = 0
  private heardCheckpoint = false

  /** @throws HookError */
  async *over(updates: AsyncIterable<TrainUpdate>, hooks: Hooks): AsyncGenerator<TrainUpdate, void, void> {
    if (this.kept) yield await this.tell(hooks)
    for await (const update of updates) {
      this.kept = update
      this.heard = 0
      this.heardCheckpoint = false
      yield await this.tell(hooks)
    }
  }

  private async tell(hooks: Hooks): Promise<TrainUpdate> {
    const update = this.kept!
    while (this.heard < update.rows.length) {
      const rows = update.rows[this.heard++]
      const iteration = iterationOf(rows)
      for (const [agent, row] of rows.entries()) {
        if (row && hooks.metrics) row.own = ownMetrics(hooks.metrics, row, agent)
      }
      await call('onIteration', iteration, () => hooks.onIteration?.(rows))
      if (rows.some((row) => row?.evalEpisodes)) {
        await call('onEvaluation', iteration, () => hooks.onEvaluation?.(rows))
      }
    }
    const { checkpoint } = update
    if (checkpoint && !this.heardCheckpoint) {
      this.heardCheckpoint = true
      await call('onCheckpoint', iterationOf(update.rows.at(-1)!), () => hooks.onCheckpoint?.(checkpoint))
    }
    this.kept = undefined
    return withOwn(update)
  }
}

/** Its own fields are those of the first agent's latest row. */
function withOwn(update: TrainUpdate): TrainUpdate {
  const latest = update.rows.at(-1)?.find((row) => row !== null)
  return latest?.own && latest.iteration === update.iteration ? { ...update, own: latest.own } : update
}

const iterationOf = (rows: readonly (MetricsRow | null)[]): number => rows.find((row) => row !== null)!.iteration

async function call(hook: string, iteration: number, run: () => unknown): Promise<void> {
  try {
    await run()
  } catch (error) {
    throw new HookError(hook, iteration, error instanceof Error ? error.message : String(error), error)
  }
}

/** The metrics of the caller, of one row. @throws HookError if one fails, or gives anything but a number or null. */
export const ownMetrics = (metrics: NonNullable<Hooks['metrics']>, row: MetricsRow, agent: number) =>
  Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, ownValue(name, metric, row, agent)]))

function ownValue(
  name: string,
  metric: NonNullable<Hooks['metrics']>[string],
  row: MetricsRow,
  agent: number,
): number | null {
  const { iteration } = row
  let value: unknown
  try {
    value = metric(row, agent)
  } catch (error) {
    throw new HookError(`metrics.${name}`, iteration, error instanceof Error ? error.message : String(error), error)
  }
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value
  const told = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  throw new HookError(
    `metrics.${name}`,
    iteration,
    `it gave ${told}, which is no finite number. Give a number, or null.`,
  )
}
