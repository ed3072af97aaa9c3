/** What the pictures of a sweep show, and what they have in common. */
import type { Trial, TrialResult } from '../../src/sweep/types'
import { escapeXml, INK, SOFT } from '../figures/plot'
import type { Axis } from './axis'
import { linearScale, type Scale, valueText } from './scale'

/** What came of a trial: its latest result. */
export interface Outcome {
  trial: Trial
  rung: number
  score: number | null
}

export interface Pictured {
  title: string
  /** Such as environment, adapter and date. */
  subtitle: string
  axes: readonly Axis[]
  rungs: number
  outcomes: readonly Outcome[]
}

/** The latest result of each trial that has one, by id. */
export function outcomesOf(
  trials: readonly Trial[],
  results: readonly Pick<TrialResult, 'trial' | 'rung' | 'score'>[],
): Outcome[] {
  const latest = new Map<number, Outcome>()
  const byId = new Map(trials.map((trial) => [trial.id, trial]))
  for (const { trial: id, rung, score } of results) {
    const trial = byId.get(id)
    if (trial && rung >= (latest.get(id)?.rung ?? 0)) latest.set(id, { trial, rung, score })
  }
  return [...latest.values()].sort((a, b) => a.trial.id - b.trial.id)
}

/** A picture of more is not clearer: the best are all there, of the others as many in even steps. */
const MOST_SHOWN = 1500

export interface Scored extends Outcome {
  score: number
}

/** Those with a score, the worst first; last of all the best of those that came furthest. */
export function ranked(outcomes: readonly Outcome[]): Scored[] {
  const scored = outcomes.filter((outcome): outcome is Scored => outcome.score !== null)
  const goesLater = (a: Scored, b: Scored): number => a.score - b.score || b.trial.id - a.trial.id
  scored.sort(goesLater)
  const best = scored.toSorted((a, b) => a.rung - b.rung || goesLater(a, b)).at(-1)
  if (!best) return []
  const others = scored.filter((outcome) => outcome !== best)
  if (others.length < MOST_SHOWN) return [...others, best]
  const half = MOST_SHOWN / 2
  const lower = others.length - half + 1
  const some = Array.from({ length: half }, (_, i) => others[Math.floor((i * lower) / half)])
  return [...some, ...others.slice(lower), best]
}

/** Of the subtitle: how many trials there are, and what is not in the picture. */
export function countsText(outcomes: readonly Outcome[], shown: number): string {
  const none = outcomes.filter(({ score }) => score === null).length
  const scored = outcomes.length - none
  const parts = [`${outcomes.length} ${outcomes.length === 1 ? 'trial' : 'trials'}`]
  if (shown < scored) parts.push(`${shown} of them shown`)
  if (none > 0) parts.push(`${none} without a score left out`)
  return parts.join(', ')
}

/** The best trial in words. */
export function bestText(best: Scored | undefined, axes: readonly Axis[]): string {
  if (!best) return 'No trial has a score.'
  const values = axes.map(({ name }) => `${name} ${valueText(best.trial.values[name])}`).join(', ')
  return `The best is trial ${best.trial.id} with a return of ${valueText(best.score)}${values && `: ${values}`}.`
}

export const FONT = `font-size="12" fill="${SOFT}"`

export const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeXml(content)}</text>`
export const round = (value: number): number => Number(value.toFixed(1))

/** Pale for the worst, dark for the best; lightness alone tells them apart. */
const [PALE, DARK] = [
  [203, 213, 225],
  [30, 58, 138],
]
export const colorAt = (part: number): string =>
  `#${PALE.map((pale, i) =>
    Math.round(pale + (DARK[i] - pale) * part)
      .toString(16)
      .padStart(2, '0'),
  ).join('')}`

export function heading({ title, subtitle }: Pictured, counts: string, width: number, height: number): string[] {
  return [
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    text(28, 32, title, `font-size="18" font-weight="600" fill="${INK}"`),
    text(28, 52, [subtitle, counts].filter(Boolean).join('; '), FONT),
  ]
}

export const scoreScale = (shown: readonly Scored[]): Scale =>
  linearScale(shown.length > 0 ? shown.map(({ score }) => score) : [0, 1])
