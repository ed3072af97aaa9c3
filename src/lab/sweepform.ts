/** The form of a population as data: what it holds is what its link runs, and a link fills it. */
import { parseOption } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { OPTIONS, type PpoOptions, type SweepKey } from '../options/options'
import { isSweepKey, looksLikeSweep } from '../options/sweep'
import { formatOption, paramTexts, withoutDefaults } from './choice'
import { ownOf } from './environments'

export interface SweepForm {
  /** Texts as they are typed. */
  agents: string
  /** What the agents differ in; `seed`: in nothing else. */
  key: SweepKey
  kind: 'log' | 'lin' | 'list'
  from: string
  to: string
  /** Of `list`, with commas between them. */
  values: string
}

export const FIRST_FORM: SweepForm = {
  agents: '8',
  key: 'learningRate',
  kind: 'log',
  from: '0.0001',
  to: '0.01',
  values: '',
}

/** The swept options of a choice; `hidden` is a list and no sweep. */
export const sweptIn = (given: PpoOptions): SweepKey[] =>
  Object.entries(given).flatMap(([key, value]) => (isSweepKey(key) && looksLikeSweep(value) ? [key] : []))

/** The form that shows `given`: its first swept option; undefined for a single agent. */
export function formOf(given: PpoOptions): SweepForm | undefined {
  const [key] = sweptIn(given)
  const agents = String(given.numAgents ?? 1)
  if (key === undefined) return agents === '1' ? undefined : { ...FIRST_FORM, agents, key: 'seed' }
  const [kind, bounds] = Object.entries(given[key] as object)[0] ?? []
  if (kind === 'log' || kind === 'lin') {
    const [from, to] = (bounds as number[]).map(String)
    return { ...FIRST_FORM, agents, key, kind, from, to }
  }
  return { ...FIRST_FORM, agents, key, kind: 'list', values: valuesText(given[key] as object) }
}

/** `[1,2]` and `range(0,3)` as a list. */
function valuesText(sweep: object): string {
  if (Array.isArray(sweep)) return sweep.join(',')
  const [a, b] = (sweep as { range: number[] }).range
  return Array.from({ length: b - a }, (_, i) => a + i).join(',')
}

/** The form for another option: with the span of its slider. */
export function withKey(form: SweepForm, key: SweepKey): SweepForm {
  const { slider } = OPTIONS[key] as { slider?: { from: number; to: number; log?: boolean } }
  if (!slider) return { ...form, key }
  const [from, to] = [slider.from, slider.to].map(String)
  return { ...form, key, from, to, kind: slider.log ? 'log' : 'lin' }
}

/**
 * The options that the form runs: `given` without `instead`, the option that the form replaces.
 * @throws ConfigError for what is no number.
 */
export function optionsOf(form: SweepForm, given: PpoOptions, instead: SweepKey): PpoOptions {
  const { agents, key, kind, from, to, values } = form
  const rest: PpoOptions = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => name !== key && !(name === instead && looksLikeSweep(value))),
  )
  const seed = key === 'seed' && typeof given.seed === 'number' ? { seed: given.seed } : {}
  const numAgents = parseOption('numAgents', agents.trim()) as number
  if (key === 'seed' && kind !== 'list') return { ...rest, ...seed, numAgents }
  const sweep = kind === 'list' ? `[${values}]` : `${kind}(${from},${to})`
  return { ...rest, numAgents, [key]: parseOption(key, sweep) }
}

/** The command that runs `given` as this page does. */
export function commandOf(spec: EnvSpec, given: PpoOptions, software: boolean): string {
  const own: PpoOptions = software ? { hidden: [32, 32], ...given } : given
  const options = Object.entries(withoutDefaults(spec.id, own, false)).map(
    ([name, value]) => ['--set', `${name}=${formatOption(name as keyof typeof OPTIONS, value)}`] as const,
  )
  const params = paramTexts(spec, given).map(([name, text]) => ['--env-set', `${name}=${text}`] as const)
  const words = [...options, ...params].map(
    ([flag, value]) => `${flag} ${/[()[\]]/.test(value) ? `'${value}'` : value}`,
  )
  return ['npm run train -- --env', ownOf(spec.id)?.file ?? spec.id, ...words].join(' ')
}
