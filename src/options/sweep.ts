/** One value of an option per agent: populations with different hyperparameters. */

import { type PpoConfig, SWEEPABLE, type SweepKey } from './options'
import { agentParams } from './params'

export const isSweepKey = (key: string): key is SweepKey => (SWEEPABLE as string[]).includes(key)

/** `log(1e-4,1e-2)`, `lin(0,1)`, `range(0,256)`, `[1e-3,2e-3]`; undefined for any other text. */
export function parseSweep(text: string, parseNumber: (text: string) => unknown): unknown {
  const call = /^\s*(log|lin|range)\s*\(([^()]*)\)\s*$/.exec(text)
  if (call) return { [call[1]]: call[2].split(',').map(parseNumber) }
  const list = /^\s*\[([^[\]]*)\]\s*$/.exec(text)
  return list ? list[1].split(',').map(parseNumber) : undefined
}

/** Whether `value` has the form of a sweep, valid or not. */
export const looksLikeSweep = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * The values of a sweep, one per agent; the caller checks each of them.
 * @throws Error that says what is wrong with `sweep`; the caller adds where.
 */
export function expandSweep(sweep: object, numAgents: number): unknown[] {
  if (Array.isArray(sweep)) return exactly(sweep, numAgents)
  const [[kind, bounds] = [], ...more] = Object.entries(sweep)
  const numbers = Array.isArray(bounds) && bounds.length === 2 && bounds.every(Number.isFinite)
  if (more.length > 0 || !numbers) throw new Error('is not a sweep. Use a list, log(a,b), lin(a,b) or range(a,b)')
  const [a, b] = bounds as [number, number]
  const part = (i: number): number => (numAgents === 1 ? 0 : i / (numAgents - 1))
  const each = (value: (i: number) => number) => Array.from({ length: numAgents }, (_, i) => value(i))
  if (kind === 'lin') return each((i) => a + (b - a) * part(i))
  if (kind === 'log' && a > 0 && b > 0) return each((i) => a * (b / a) ** part(i))
  if (kind === 'log') throw new Error('has a bound that is not above 0. Use lin(a,b)')
  if (kind === 'range' && Number.isInteger(a) && Number.isInteger(b)) return exactly(span(a, b, numAgents), numAgents)
  throw new Error('is not a sweep. Use a list, log(a,b), lin(a,b) or range(a,b) with whole numbers')
}

/** a, a + 1, ..., b - 1; for large bounds not much longer than numAgents. */
const span = (a: number, b: number, numAgents: number): number[] => {
  if (b - a !== numAgents)
    throw new Error(`has ${Math.max(b - a, 0)} values for numAgents ${numAgents}. Use as many agents`)
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
