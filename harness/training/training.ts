/** Training, from the first row to the policies in the run's folder; shared by `train` and `learn`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { derivedSizes } from '../../src/config/config'
import { largest, smallest } from '../../src/extremes'
import type { MetricsRow } from '../../src/metrics'
import { agentConfig } from '../../src/options/sweep'
import type { Every } from '../../src/run/api'
import { HookError, ownMetrics } from '../../src/run/hooks'
import { EXIT, HarnessError } from '../cli/errors'
import { type CurveRow, curveRow } from '../figures/csv'
import { dumpName } from '../figures/diverged'
import { type BestScore, summarise, type TrainSummary } from '../figures/summary'
import type { TrainEvent, TrainResult } from '../protocol/protocol'
import { listCheckpoints } from '../rundir/checkpoints'
import { resumeCommand } from '../rundir/resume'
import { type RunDir, weightsHash } from '../rundir/rundir'
import { openTensorboard, type TensorboardLog } from '../tensorboard/log'
import { scoreBest } from './best'
import { type Diagnosing, type Diagnosis, makeDiagnosing } from './diagnosis'
import { makeProgress } from './progress'
import { saveBest, savePolicies } from './save'
import type { Session } from './session'

export interface Trained {
  /** Each agent's rows, [agent][iteration]. */
  rows: CurveRow[][]
  /** Seconds of training after which each agent was reported as solved; null if it was not. */
  solvedSeconds: (number | null)[]
  /** Each agent's policy file, as saved. */
  policies: Uint8Array[]
  /** `seconds` is the sum over all sessions of the run. */
  result: TrainResult
  diagnosis: Diagnosis[]
  /** With `evalEvery`: how good each agent's best policy is. */
  best?: (BestScore | null)[]
  /** Paths of the dumps of agents that stopped at a non-finite value. */
  dumps: Map<number, string>
}

/**
 * Trains, records the rows as they are read back, and saves every agent's policy.
 * @param checkpoints When to write checkpoints into the folder; null for never.
 */
export async function trainRun(session: Session, checkpoints: Every | null): Promise<Trained> {
  const { setup, dir, machine, output, resumed } = session
  const { spec, config } = setup
  const rows: CurveRow[][] = resumed?.rows ?? Array.from({ length: config.numAgents }, () => [])
  const solvedSeconds: (number | null)[] = rows.map(() => null)
  const dumps = new Map<number, string>()
  const { batchSize } = derivedSizes(config)
  const trainedBefore = resumed?.standing.map(({ iterations }) => iterations * batchSize) ?? null
  const secondsBefore = resumed?.checkpoint.origin.seconds ?? 0
  const tensorboard = openTensorboard(dir.path, setup, dir.watch, trainedBefore)
  const progress = makeProgress(output.stream, config.totalTimesteps)
  const diagnosing = makeDiagnosing(setup, output.say)
  let failed: HookError | undefined
  const metricsOf = (row: MetricsRow, agent: number): MetricsRow['own'] => {
    if (!session.metrics || failed) return undefined
    try {
      return ownMetrics(session.metrics, row, agent)
    } catch (error) {
      if (!(error instanceof HookError)) throw error
      failed = error
      machine.stop()
      return undefined
    }
  }
  const on: { [T in TrainEvent['type']]: (event: Extract<TrainEvent, { type: T }>) => void } = {
    rows({ rows: back, seconds }) {
      session.underWay = 'the submitted iterations'
      record(back, seconds, session, rows, { tensorboard, diagnosing, metricsOf })
      for (const [k, agent] of rows.entries()) if (agent.at(-1)?.solvedAt != null) solvedSeconds[k] ??= seconds
      progress.update(progressState(rows, secondsBefore + seconds, config.totalTimesteps))
    },
    dump(event) {
      dumps.set(event.agent, saveDump(event, config.numAgents, dir))
    },
    checkpoint({ bytes }) {
      if (checkpoints) dir.checkpoint(bytes)
    },
    preparing({ detail }) {
      progress.prepare(detail)
    },
    deviceLost({ detail }) {
      output.warn(`WARNING: the GPU device was lost after iteration ${detail.iterations} (${detail.message.trim()}).`)
    },
    recovered({ detail: { from, iterations, ms, sameAdapter } }) {
      const other = sameAdapter ? '' : ' The adapter is a different one: results will not be bit-identical.'
      const seconds = (ms / 1000).toFixed(1)
      output.warn(
        `Training continues after ${seconds} s; iterations ${from + 1} to ${iterations} are computed again.${other}`,
      )
    },
  }
  let result: TrainResult
  try {
    const from = resumed?.bytes ?? setup.policy?.bytes
    // Without files, a checkpoint is still kept in memory: another browser continues from it.
    const checkpointEvery = checkpoints ?? MEMORY_EVERY
    const told = (event: TrainEvent) => (on[event.type] as (event: TrainEvent) => void)(event)
    result = await machine.train({ spec, config, from, first: setup.policy?.data, checkpointEvery }, told)
  } catch (error) {
    throw withWayOn(error, dir)
  } finally {
    session.underWay = null
    progress.end()
    tensorboard.close()
  }
  // After the last agent has met a non-finite value, the last good checkpoint is worth more.
  const isGood = rows.some((agent) => agent.at(-1)?.status !== 'notFinite')
  if (checkpoints && result.checkpoint && isGood) dir.checkpoint(result.checkpoint)
  const policies = savePolicies(result, rows, session)
  saveBest(result, session)
  const best = result.best.length > 0 ? await scoreBest(session, result) : undefined
  // Only now, so that nothing is lost: the run stopped as after an interruption.
  if (failed) throw withWayOn(new HarnessError(`--metrics: ${failed.message}`, EXIT.interrupted), dir)
  const diagnosis = diagnosing.found()
  return {
    rows,
    solvedSeconds,
    policies,
    diagnosis,
    best,
    dumps,
    result: { ...result, seconds: secondsBefore + result.seconds },
  }
}

/** Writes a dump to the run folder; returns its path. */
function saveDump(dump: Extract<TrainEvent, { type: 'dump' }>, numAgents: number, dir: RunDir): string {
  const name = dumpName(dump.iteration, dump.agent, numAgents)
  dir.file(name, dump.bytes)
  return join(dir.path, name)
}

const MEMORY_EVERY: Every = { seconds: 30 }

/** Adds the command that resumes from the folder to an error that ends a run. */
function withWayOn(error: unknown, dir: RunDir): unknown {
  const waysOut: number[] = [EXIT.deviceLost, EXIT.interrupted]
  if (!(error instanceof HarnessError) || !waysOut.includes(error.exitCode)) return error
  const way = wayOn(dir)
  return way ? new HarnessError(`${error.message}\n${way}`, error.exitCode, error) : error
}

/** The command that resumes the run, if there is a checkpoint. */
export function wayOn({ path }: RunDir): string | null {
  if (!existsSync(path) || listCheckpoints(path).length === 0) return null
  return `Resume with: ${resumeCommand(path)}`
}

/**
 * Appends the rows that were read back, [iteration][agent], to the run folder. An agent that had stopped before has no
 * row; rows that were recorded before a fault, and are given again, are left out.
 */
function record(
  back: (MetricsRow | null)[][],
  seconds: number,
  { setup: { config }, dir, output }: Session,
  rows: CurveRow[][],
  {
    tensorboard,
    diagnosing,
    metricsOf,
  }: {
    tensorboard: TensorboardLog
    diagnosing: Diagnosing
    metricsOf(row: MetricsRow, agent: number): MetricsRow['own']
  },
): void {
  for (const [i, iteration] of back.entries()) {
    const until = i === back.length - 1 ? seconds : null
    if (iteration.length !== config.numAgents) {
      throw new HarnessError(`train: rows of ${iteration.length} agents came back, expected ${config.numAgents}.`)
    }
    iteration.forEach((row, agent) => {
      if (!row || row.iteration <= (rows[agent].at(-1)?.iteration ?? 0)) return
      const own = metricsOf(row, agent)
      if (own) row.own = own
      const numbered = { agent, seed: agentConfig(config, agent).seed, ...row }
      rows[agent].push(curveRow(numbered))
      dir.row(numbered)
      output.log(numbered)
      tensorboard.row(numbered, until)
      diagnosing.take(agent, row)
    })
  }
  dir.flush()
  tensorboard.flush()
}

function progressState(rows: CurveRow[][], seconds: number, total: number) {
  const last = rows.map((agent) => agent.at(-1))
  const stepsOf = (list: typeof last) => list.map((row) => row?.timesteps ?? 0)
  // Agents that stopped have no later rows; of the others the last row counts.
  const running = last.filter((row) => !row || row.status === 'running')
  const timesteps = running.length > 0 ? smallest(stepsOf(running)) : largest(stepsOf(last), 0)
  const returns = last.flatMap((row) => row?.episodicReturn ?? row?.returnMean ?? [])
  const steps = last.reduce((sum, row) => sum + (row?.timesteps ?? 0), 0)
  return {
    timesteps,
    episodicReturn: returns.length ? returns.reduce((a, b) => a + b, 0) / returns.length : null,
    sps: steps / seconds,
    secondsLeft: ((total - timesteps) * seconds) / timesteps,
  }
}

/** The summary of the run, over all of its sessions. */
export const summariseRun = (
  { setup, dir, machine }: Session,
  { rows, result, diagnosis, best }: Trained,
): TrainSummary =>
  summarise(setup, rows, {
    wallSeconds: result.seconds,
    plan: result.plan,
    dispatchesPerIteration: result.dispatchesPerIteration,
    adapter: machine.adapter,
    out: dir.path,
    weightsHash: weightsHash(result.params),
    diagnosis,
    best,
  })
