/** One training run, from the options to the files in its folder: what `train` and `learn` share. */

import { join } from 'node:path'
import type { MetricsRow } from '../src/metrics'
import { layoutNetwork, networkShape } from '../src/network'
import { policyFile } from '../src/policyfile'
import { agentConfig } from '../src/sweep'
import type { Given } from './args'
import { type CurveRow, curveRow } from './csv'
import { dumpName } from './diverged'
import { EXIT, HarnessError } from './errors'
import { gpuMachine, type Machine, referenceMachine } from './machine'
import { count, type Output } from './output'
import type { TrainEvent, TrainResult } from './page/protocol'
import { makeProgress } from './progress'
import { provenance } from './provenance'
import { openRunDir, type RunDir } from './rundir'
import { readRuntime, type Setup } from './setup'
import { onInterrupt } from './signals'
import { openTensorboard, type TensorboardLog } from './tensorboard/log'

export interface Run {
  setup: Setup
  dir: RunDir
  machine: Machine
  output: Output
  /** Whether the user asked to stop. */
  interrupted(): boolean
}

export interface Trained {
  /** Each agent's rows, [agent][iteration]. */
  rows: CurveRow[][]
  /** Seconds of training after which each agent was seen to be solved; null where it was not. */
  solvedSeconds: (number | null)[]
  /** Each agent's policy file, as it was saved. */
  policies: Uint8Array[]
  result: TrainResult
  /** Paths of the dumps of agents that met a number that is not finite. */
  dumps: Map<number, string>
}

/**
 * Opens the run's folder and then the machine, calls `body`, and closes both whatever happens.
 * @throws UsageError for a bad `--adapter`, `--runtime` or `--out`, before any browser.
 */
export async function openRun(
  given: Given,
  setup: Setup,
  path: string,
  output: Output,
  body: (run: Run) => Promise<number>,
): Promise<number> {
  const choice = readRuntime(given)
  const dir = openRunDir(path)
  const { preset, config, spec } = setup
  dir.json('config', { env: spec.id, preset, config })
  let stop = () => {}
  const { interrupted, release } = onInterrupt(() => {
    output.warn('\nStopping after the iterations under way; once more to end at once.')
    stop()
  })
  let machine: Machine | undefined
  try {
    machine = given.has('reference') ? referenceMachine() : await gpuMachine(choice, output)
    stop = machine.stop
    dir.json('facts', { ...provenance(), command: process.argv.slice(2).join(' '), ...machine.facts })
    const agents = config.numAgents > 1 ? `${config.numAgents} agents from seed ${config.seed}` : `seed ${config.seed}`
    output.say(
      `Training ${spec.id}, ${agents}, for up to ${count(config.totalTimesteps)} steps. Writing to ${dir.path}`,
    )
    if (interrupted()) return EXIT.interrupted
    return await body({ setup, dir, machine, output, interrupted })
  } finally {
    release()
    await machine?.close()
    dir.close()
  }
}

/** Trains, records the rows as they come back, and saves every agent's policy. */
export async function trainRun({ setup, dir, machine, output }: Run): Promise<Trained> {
  const { spec, config } = setup
  const rows: CurveRow[][] = Array.from({ length: config.numAgents }, () => [])
  const solvedSeconds: (number | null)[] = rows.map(() => null)
  const dumps = new Map<number, string>()
  const tensorboard = openTensorboard(dir.path, setup)
  const progress = makeProgress(output.stream, config.totalTimesteps)
  let result: TrainResult
  try {
    result = await machine.train(spec, config, (event) => {
      if (event.type === 'dump') dumps.set(event.agent, saveDump(event, config.numAgents, dir))
      if (event.type !== 'rows') return
      const { rows: back, seconds } = event
      record(back, seconds, setup, rows, dir, tensorboard)
      for (const [k, agent] of rows.entries()) if (agent.at(-1)?.solvedAt != null) solvedSeconds[k] ??= seconds
      progress.update(progressState(rows, seconds, config.totalTimesteps))
    })
  } finally {
    progress.end()
    tensorboard.close()
  }
  return { rows, solvedSeconds, policies: savePolicies(result, setup, dir), result, dumps }
}

/** Writes a dump to the run folder; returns its path. */
function saveDump(dump: Extract<TrainEvent, { type: 'dump' }>, numAgents: number, dir: RunDir): string {
  const name = dumpName(dump.iteration, dump.agent, numAgents)
  dir.file(name, dump.bytes)
  return join(dir.path, name)
}

/** Appends what came back, [iteration][agent], to the run folder; an agent that had stopped before has no row. */
function record(
  back: (MetricsRow | null)[][],
  seconds: number,
  { config }: Setup,
  rows: CurveRow[][],
  dir: RunDir,
  tensorboard: TensorboardLog,
): void {
  for (const [i, iteration] of back.entries()) {
    const until = i === back.length - 1 ? seconds : null
    if (iteration.length !== config.numAgents) {
      throw new HarnessError(`train: rows of ${iteration.length} agents came back, expected ${config.numAgents}.`)
    }
    iteration.forEach((row, agent) => {
      if (!row) return
      const numbered = { agent, seed: agentConfig(config, agent).seed, ...row }
      rows[agent].push(curveRow(numbered))
      dir.row(numbered)
      tensorboard.row(numbered, until)
    })
  }
}

function progressState(rows: CurveRow[][], seconds: number, total: number) {
  const last = rows.map((agent) => agent.at(-1))
  const timesteps = Math.max(...last.map((row) => row?.timesteps ?? 0))
  const returns = last.flatMap((row) => row?.episodicReturn ?? row?.returnMean ?? [])
  const steps = last.reduce((sum, row) => sum + (row?.timesteps ?? 0), 0)
  return {
    timesteps,
    episodicReturn: returns.length ? returns.reduce((a, b) => a + b, 0) / returns.length : null,
    sps: steps / seconds,
    secondsLeft: ((total - timesteps) * seconds) / timesteps,
  }
}

/** Agent 0's as policy.safetensors; with several agents also each as policy-<k>.safetensors. */
function savePolicies({ params, normalisers }: TrainResult, { spec, config }: Setup, dir: RunDir): Uint8Array[] {
  const shape = networkShape(spec, config)
  const stride = layoutNetwork(shape).paramStride
  return Array.from({ length: config.numAgents }, (_, k) => {
    const file = policyFile(spec, shape, params.slice(k * stride, (k + 1) * stride), normalisers[k])
    if (k === 0) dir.file('policy.safetensors', file)
    if (config.numAgents > 1) dir.file(`policy-${k}.safetensors`, file)
    return file
  })
}
