/** `train --resume`: which checkpoint a run continues from, and which other options are allowed. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Checkpoint } from '../../src/checkpoint/checkpoint'
import { otherOrders } from '../../src/checkpoint/oldcheckpoint'
import { derivedSizes } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { RUNNING } from '../../src/plan/kept'
import { continued, FINISHED, progressOf, SOLVED } from '../../src/run/load'
import { packageVersion } from '../checkout/root.js'
import type { Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { commandLine, quoted } from '../cli/invocation'
import { count } from '../cli/output'
import { readOptions } from '../setup/options'
import type { Setup } from '../setup/setup'
import { CHECKPOINT_FILE, type CheckpointFile, listCheckpoints, openCheckpoint } from './checkpoints'
import { resumedEnv } from './ownenv'
import type { Resumed } from './resumed'
import { readRunJson } from './rundir'

/**
 * Reads `--resume DIR_OR_CHECKPOINT`.
 * @throws UsageError, CheckpointError, SafetensorsError or ConfigError; nothing has been changed then.
 */
export async function readResume(given: Given): Promise<{ setup: Setup; resumed: Resumed }> {
  const { folder, files } = findCheckpoints(given.text('resume')!)
  const [file, before] = files
  const own = await resumedEnv(given, file.path)
  let read: ReturnType<typeof openCheckpoint>
  try {
    read = openCheckpoint(file.path, own?.spec)
  } catch (error) {
    throw new UsageError(`${(error as Error).message} ${offer(before, own?.spec)}`)
  }
  const checkpoint = continued(read.checkpoint, readOptions(given, read.checkpoint.spec))
  const { spec, config } = checkpoint
  const { preset } = readRunJson(folder, 'config')
  refuseContradictions(given, own ? null : spec.id, preset)
  refuseFinished(folder, checkpoint)
  const setup = { spec, module: own?.module, preset: typeof preset === 'string' ? preset : 'checkpoint', config }
  const status = progressOf(checkpoint, 'status')
  const standing = progressOf(checkpoint, 'iteration').map((iterations, agent) => ({
    iterations,
    goesOn: status[agent] === RUNNING,
  }))
  const pastSolved = read.checkpoint.config.stopWhenSolved !== config.stopWhenSolved
  return { setup, resumed: { folder, file, bytes: read.bytes, checkpoint, standing, pastSolved } }
}

/** The given checkpoint, or the latest one, and the ones before it. */
function findCheckpoints(given: string): { folder: string; files: CheckpointFile[] } {
  const path = resolve(given)
  if (!existsSync(path)) throw new UsageError(`--resume: ${given}: there is no such run or checkpoint.`)
  if (statSync(path).isDirectory()) {
    const files = listCheckpoints(path)
    if (files.length > 0) return { folder: path, files }
    throw new UsageError(
      `--resume: ${given}: the folder holds no checkpoint-<iteration>.safetensors: it is not a run, or one that was trained ` +
        'with --reference or ended before its first checkpoint.',
    )
  }
  if (!CHECKPOINT_FILE.test(basename(path))) {
    throw new UsageError(
      `--resume: ${given}: is neither the folder of a run nor a checkpoint-<iteration>.safetensors in one.`,
    )
  }
  const folder = dirname(path)
  const files = listCheckpoints(folder)
  return { folder, files: files.slice(files.findIndex((file) => file.path === path)) }
}

/** The same command with the previous checkpoint, if that one is valid. */
function offer(before: CheckpointFile | undefined, env: EnvSpec | undefined): string {
  try {
    if (before) openCheckpoint(before.path, env)
  } catch {
    before = undefined
  }
  if (!before) return 'There is no other valid checkpoint in its folder.'
  return `The one before it is valid. Resume from it with:\n${resumeCommand(before.path, process.argv.slice(2))}`
}

/** The command that continues from `path`, with the other arguments of `command`. */
export function resumeCommand(path: string, command: string[] = []): string {
  const others: string[] = []
  for (let i = 1; i < command.length; i++) {
    if (command[i] === '--resume') i++
    else if (!command[i].startsWith('--resume=')) others.push(command[i])
  }
  return commandLine('train', ['--resume', ...[path, ...others].map(quoted)].join(' '))
}

/** @param env The id of a built-in environment; of another one it has been compared. */
function refuseContradictions(given: Given, env: string | null, preset: unknown): void {
  const refuse = (flag: string, value: string, own: unknown) => {
    throw new UsageError(`--${flag}: ${value}, but the run is of ${own}. Leave --${flag} out.`)
  }
  const [otherEnv, otherPreset] = [given.text('env'), given.text('preset')]
  if (env !== null && otherEnv !== undefined && otherEnv !== env) refuse('env', otherEnv, env)
  if (otherPreset !== undefined && otherPreset !== preset) refuse('preset', otherPreset, preset ?? 'an unknown preset')
  if (given.has('reference')) {
    throw new UsageError('--reference: a checkpoint is resumed on the GPU, where it was made. Leave --reference out.')
  }
  if (given.has('policy')) {
    throw new UsageError(
      '--policy: begins a new run; a resumed one has its own weights. Leave --policy or --resume out.',
    )
  }
  if (given.has('force')) {
    throw new UsageError('--force: is for a new run in --out DIR; a resumed run keeps its files. Leave --force out.')
  }
  if (given.has('out')) {
    throw new UsageError(
      '--out: a run is resumed in its own folder. Leave --out out, or copy the folder and resume the copy.',
    )
  }
}

/**
 * @throws UsageError if no agent has anything left to do, and the result is there: a run may be killed before writing
 * it.
 */
function refuseFinished(folder: string, checkpoint: Checkpoint): void {
  const { config, snapshot } = checkpoint
  const status = progressOf(checkpoint, 'status')
  const result = readRunJson(folder, 'result')
  const isTold = result.interrupted === false && result.iterations === snapshot.iterations
  if (status.includes(RUNNING) || !isTold) return
  const trained = count(snapshot.iterations * derivedSizes(config).batchSize)
  const total = count(config.totalTimesteps)
  const how = status.includes(FINISHED)
    ? `has finished its ${total} timesteps. To continue, give more: --total-timesteps N.`
    : status.includes(SOLVED)
      ? `solved its environment after ${trained} timesteps and stopped. To continue, give a total above ` +
        `that, different from its ${total}: --total-timesteps N.`
      : `stopped after ${trained} timesteps at a non-finite value. Start a new run with other options.`
  throw new UsageError(`--resume: the run in ${folder} ${how}`)
}

/** Why the results will not be bit-identical to a run without interruption; null if they will. */
export function otherBits({ origin, config }: Checkpoint, adapter: string): string | null {
  const version = packageVersion()
  const changes = [
    origin.adapter === adapter ? [] : `the adapter was ${origin.adapter}`,
    origin.library === version ? [] : `the version was ${origin.library}, now it is ${version}`,
    ...otherOrders(origin.library, origin.plan),
  ].flat()
  if (changes.length === 0) return null
  return `${changes.join(', and ')}: training continues, but the results will not be bit-identical to an uninterrupted run of seed ${config.seed}.`
}
