/** Runs in folders, as their files tell: what was trained, how far, how well. Nothing is changed. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isPlainObject } from '../cli/objects'
import { linesOf } from './rows'

export interface ListedRun {
  folder: string
  env: string
  /** Mean return over the latest 100 episodes; of `learn` the mean of its evaluations. Null where there is none. */
  score: number | null
  /** Of an agent; the mean, with several. */
  steps: number
  /** When it began: ISO 8601, UTC. */
  date: string
  agents: number
  seed: number | null
  /** `finished`, or `unfinished` for one without a result and one that was interrupted. */
  state: 'finished' | 'unfinished'
  preset: string | null
  /** Its options, and parameters of the environment as `envParams.NAME`. */
  options: Record<string, unknown>
}

/** A folder that is no run that can be read, and why. */
export interface SkippedRun {
  folder: string
  why: string
}

type Fields = Record<string, unknown>

/**
 * The folders of `path`: itself if it is a run, else those in it, without what `share` wrote beside a run, and itself again
 * where it has none.
 * @throws the error of the file system.
 */
export function runFoldersIn(path: string): string[] {
  if (isRun(path)) return [path]
  const folders = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(path, entry.name))
    .filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    .filter((folder) => !isShared(folder))
    .sort()
  return folders.length > 0 ? folders : [path]
}

function isShared(folder: string): boolean {
  try {
    const config = json(folder, 'config.json')
    return config !== null && config.config === undefined && config.evaluation !== undefined
  } catch {
    return false // what is wrong with it is told when it is read
  }
}

const isRun = (folder: string): boolean => existsSync(join(folder, 'config.json'))

export function readRun(folder: string): ListedRun | SkippedRun {
  try {
    return listed(folder)
  } catch (error) {
    return { folder, why: (error as Error).message }
  }
}

function listed(folder: string): ListedRun {
  const config = json(folder, 'config.json')
  if (!config) throw new Error('holds no config.json: no run was written there.')
  const options = config.config
  if (typeof config.env !== 'string' || !isPlainObject(options)) throw new Error('config.json: has no env and config.')
  const facts = json(folder, 'facts.json')
  const learned = json(folder, 'learn.json')
  const result = learned ?? json(folder, 'result.json')
  const { envParams, sweep, ...own } = options
  const params = isPlainObject(envParams) ? envParams : {}
  const last = result ? null : lastRow(folder)
  const steps = number(result?.timesteps) ?? number(last?.timesteps) ?? 0
  const date = typeof facts?.date === 'string' ? facts.date : statSync(join(folder, 'config.json')).mtime.toISOString()
  return {
    folder,
    env: config.env,
    score: number(learned ? learned.evalReturn : (result ?? last)?.episodicReturn),
    ...{ steps, date, agents: number(own.numAgents) ?? 1, seed: number(own.seed) },
    state: result && result.interrupted !== true ? 'finished' : 'unfinished',
    preset: typeof config.preset === 'string' ? config.preset : null,
    options: {
      ...own,
      ...(isPlainObject(sweep) ? sweep : {}),
      ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`envParams.${name}`, value])),
    },
  }
}

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** Null if there is no such file. */
function json(folder: string, name: string): Fields | null {
  const path = join(folder, name)
  if (!existsSync(path)) return null
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${name}: is not JSON (${(error as Error).message}).`)
  }
  if (!isPlainObject(value)) throw new Error(`${name}: is not a JSON object.`)
  return value
}

export type CurvePart = { agent: number; timesteps: number; episodicReturn: number | null }

/** The rows of a run's curve, [agent][iteration]; what cannot be read ends them. */
export function curveOf(folder: string): CurvePart[][] {
  const agents: CurvePart[][] = []
  for (const row of rowsOf(folder)) {
    const { agent, timesteps, episodicReturn } = row as unknown as CurvePart
    agents[agent] ??= []
    agents[agent].push({ agent, timesteps, episodicReturn })
  }
  return agents.filter((rows) => rows !== undefined)
}

function lastRow(folder: string): Fields | null {
  let last: Fields | null = null
  for (const row of rowsOf(folder)) last = row
  return last
}

function* rowsOf(folder: string): Generator<Fields> {
  const path = join(folder, 'metrics.jsonl')
  if (!existsSync(path)) return
  for (const { text, next } of linesOf(path)) {
    if (next === null) return // a killed process may leave part of a line at the end
    try {
      const row: unknown = JSON.parse(text)
      if (!isPlainObject(row) || !Number.isInteger(row.agent) || number(row.timesteps) === null) return
      yield row
    } catch {
      return
    }
  }
}

/** The names of options that differ among `runs`, but for what has a column of its own. */
export function differing(runs: readonly Pick<ListedRun, 'options'>[]): string[] {
  const names = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))]
  const told = (options: Fields, name: string) => JSON.stringify(options[name] ?? null)
  return names.filter(
    (name) => name !== 'seed' && runs.some(({ options }) => told(options, name) !== told(runs[0].options, name)),
  )
}
