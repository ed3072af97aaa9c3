/** One value of an option per agent: populations with different hyperparameters. */
import { checkLog, FORMS, type FormName, GRID_FORMS, gridNumbers, isDraw, parseForm } from './forms'
import { type PpoConfig, SWEEPABLE, type SweepKey } from './options'
import { agentParams } from './params'

export const isSweepKey = (key: string): key is SweepKey => (SWEEPABLE as string[]).includes(key)

/** `log(1e-4,1e-2)`, `lin(0,1)`, `range(0,256)`, `[1e-3,2e-3]`; undefined for any other text. */
export function parseSweep(text: string, parseNumber: (text: string) => unknown): unknown {
  const written = parseForm(text)
  if (!written || FORMS[written.form].kind === 'draw') return undefined
  const values = written.parts.map(parseNumber)
  return written.form === 'list' ? values : { [written.form]: values }
}

/** What is wrong with a draw where one run is asked for. */
export const DRAWN = `is drawn for each trial of a sweep, and this is one run. Use npm run sweep, or a value for each agent: ${GRID_FORMS}`

/** Whether `value` has the form of a sweep, valid or not. */
export const looksLikeSweep = (value: unknown): value is object => typeof value === 'object' && value !== null

const isGrid = (form: string): form is 'log' | 'lin' | 'range' => ['log', 'lin', 'range'].includes(form)

/**
 * The values of a sweep, one per agent; the caller checks each of them.
 * @throws Error that says what is wrong with `sweep`; the caller adds where.
 */
export function expandSweep(sweep: object, numAgents: number): unknown[] {
  if (Array.isArray(sweep)) return exactly(sweep, numAgents)
  const [[form, given] = [''], ...more] = Object.entries(sweep)
  if (isDraw(form)) throw new Error(DRAWN)
  const numbers = Array.isArray(given) && given.every(Number.isFinite) ? (given as number[]) : []
  const most = form === 'range' ? 2 : 3
  if (more.length > 0 || !isGrid(form) || numbers.length < 2 || numbers.length > most) {
    throw new Error(`is not a sweep. Use one of ${GRID_FORMS}`)
  }
  const [a, b, n = numAgents] = numbers
  if (form === 'range') return range(a, b, numAgents)
  checkLog(form as FormName, a, b)
  if (n !== numAgents) throw new Error(`has n ${n} for numAgents ${numAgents}. Use as many agents, or leave n out`)
  return gridNumbers(form, a, b, n)
}

/** a, a + 1, ..., b - 1; no long list where the bounds are far apart. */
function range(a: number, b: number, numAgents: number): number[] {
  if (!Number.isInteger(a) || !Number.isInteger(b)) throw new Error('is not a sweep. Use range(a,b) with whole numbers')
  if (b - a !== numAgents) {
    throw new Error(`has ${Math.max(b - a, 0)} values for numAgents ${numAgents}. Use as many agents`)
  }
  return Array.from({ length: numAgents }, (_, i) => a + i)
}

function exactly(values: unknown[], numAgents: number): unknown[] {
  if (values.length === numAgents) return [...values]
  throw new Error(`has ${values.length} values for numAgents ${numAgents}. Use as many agents, or one value for all`)
}

/** The configuration of agent `agent` alone: its seed, its values of the swept options, numAgents 1. */
export function agentConfig(config: PpoConfig, agent: number): PpoConfig {
  const own: Partial<Record<SweepKey, number>> = {}
  for (const [key, values] of Object.entries(config.sweep)) own[key as SweepKey] = values[agent]
  const envParams = agentParams(config.envParams, agent)
  return { ...config, seed: (config.seed + agent) >>> 0, ...own, numAgents: 1, sweep: {}, envParams }
}
