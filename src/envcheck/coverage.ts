/** What a check covered, what it could not cover, and what is unusual but not wrong. */

import { presetOptions, resolveConfig } from '../config/config'
import { whyScaleActions } from '../model/actions'
import type { Subject } from './kernel'
import { observationNames, type Played, type Ranges } from './play'
import type { Draws, EnvReport } from './report'
import { readWord } from './state'
import type { Resets } from './transitions'

type Coverage = Pick<EnvReport, 'checked' | 'notChecked' | 'notes'>

/**
 * @param borderline Steps where kernel and twin may differ: the twin is discontinuous within the rounding of the state.
 */
export function coverage(
  subject: Subject,
  resets: Resets,
  played: Played,
  ranges: Ranges,
  draws: Draws,
  borderline: number,
): Coverage {
  const { spec, places, findings } = subject
  const checked = [
    'declarations, dimensions and signatures of the WGSL',
    'finite states, observations and rewards',
    'terminated is 0 or 1, or 2 for a lost life',
    'bit-identical results from the same seed',
    'no more random draws in a reset or a step than there are numbers',
  ]
  const notChecked: string[] = []
  const notes: string[] = []
  if (!spec.twin) {
    notChecked.push(
      'rewards, dynamics, first states, ends of episodes: they need a twin. Nor can the environment be ' +
        'compared or evaluated on the CPU',
    )
  } else if (findings.twinFails) {
    notChecked.push('kernel against twin: the twin has to be put right first')
  } else checked.push('every reset and step against the twin, each from the state of the kernel, with as many draws')
  if (played.terminated === 0) {
    const why = spec.twin ? 'kernel and twin agree on that, but ends were not compared' : 'is terminated ever written?'
    notChecked.push(
      `the end of an episode: none terminated (${why}). If the task can end, give more steps, or states near an end (from)`,
    )
  }
  notChecked.push(places.env_shape ? 'the numbers of env_shape' : 'env_shape: there is none, so nothing can be drawn')

  if (borderline > 0) {
    notes.push(`${borderline} steps differ at an edge, where the twin jumps within the rounding of the state: allowed`)
  }
  notes.push(...constants(['reward', ...observationNames(spec)], ranges))
  if (alwaysTheSame(subject, resets)) {
    const why = draws.reset > 0 ? ', whatever env_reset draws' : ': env_reset draws nothing'
    notes.push(`every episode starts in the same state${why}`)
  }
  const advice = whyScaleActions(spec.actionSpace, resolveConfig(presetOptions(spec, 'default'), {}, spec))
  if (advice) notes.push(`WARNING: ${advice}`)
  return { checked, notChecked, notes }
}

/** So many names are told one by one. */
const MOST_NAMES = 8

/** What never changes. */
function constants(names: readonly string[], ranges: Ranges): string[] {
  const lines = names.flatMap((name) => {
    const range = ranges.get(name)
    return range && range.min === range.max ? [`${name} is always ${range.min}`] : []
  })
  if (lines.length <= MOST_NAMES) return lines
  return [`${lines.length} of ${names.length} numbers never change, such as: ${lines.slice(0, 3).join('; ')}`]
}

function alwaysTheSame({ words, stateSize }: Subject, { states }: Resets): boolean {
  for (let at = stateSize; at < states.length; at += stateSize) {
    if (words.some((word) => readWord(word, states, at) !== readWord(word, states, 0))) return false
  }
  return true
}
