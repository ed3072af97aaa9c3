/** Runs: starting one, remembering the previous one, and saving the current one for a reload. */
import { batch } from '@preact/signals'
import type { OptionName } from '../../options/options'
import { forgetRun, type Saved, saveRun } from '../autosave'
import { formatOption, paramTexts, resolveChoice, withoutDefaults } from '../choice'
import { messageOf } from '../format'
import type { Weights } from '../protocol'
import { History } from '../series'
import {
  config,
  earlier,
  ended,
  env,
  facts,
  featureMaps,
  ghost,
  given,
  histogram,
  history,
  notice,
  playing,
  recoveries,
  recovering,
  scores,
  situations,
  software,
  spec,
  standing,
  tick,
} from '../state'
import { runKey, saveLink } from './address'
import { snapshot, tell } from './line'

const RECENT_RUNS = 5
/** The number of the current run: messages of the Worker about other runs are ignored. */
let run = 0
export const isCurrent = (message: { run: number }): boolean => message.run === run

/** Starts a new run with the current choice; the previous run becomes the ghost. True if the choice is wrong. */
export function restart(from: { weights?: Weights; saved?: Saved } = {}): boolean {
  let choice: ReturnType<typeof resolveChoice>
  try {
    choice = resolveChoice(env.value, given.value, software.value)
  } catch (error) {
    notice.value = { kind: 'error', text: messageOf(error) }
    return true
  }
  if (!from.saved) void forgetRun()
  kept = ''
  batch(() => {
    if (history.value.timesteps.length > 0) {
      const same = history.value.label.startsWith(env.value)
      ghost.value = same ? history.value : null
      earlier.value = [history.value, ...earlier.value].slice(0, RECENT_RUNS)
    } else if (ghost.value && !ghost.value.label.startsWith(env.value)) ghost.value = null
    config.value = choice.config
    history.value = new History(runLabel(), ++run)
    situations.value = [0, 0, 0, 0, 0, 0]
    standing.value = null
    facts.value = null
    histogram.value = null
    featureMaps.value = null
    scores.value = []
    recovering.value = false
    recoveries.value = 0
    tick.value++
  })
  saveLink()
  const { weights, saved } = from
  tell({ type: 'start', run, choice, play: playing.value, weights, snapshot: saved?.snapshot })
  return false
}

/** `CartPole-v1, seed 2, learningRate 0.01`. */
const runLabel = (): string =>
  [
    env.value,
    ...Object.entries(withoutDefaults(env.value, given.value, software.value)).map(
      ([key, value]) => `${key} ${formatOption(key as OptionName, value)}`,
    ),
    ...paramTexts(spec.value, given.value).map(([name, text]) => `${name} ${text}`),
  ].join(', ')

/** The last measured speed of training. */
export const lastSps = (): number | null => history.value.last('sps')

/** What was saved last: how far the run was, and its options. */
let kept = ''

/** Saves the run if it has advanced. A reload of a run that has ended continues from a little before its end. */
export async function autosave(): Promise<void> {
  const iterations = standing.value?.iterations ?? 0
  const link = runKey()
  if (iterations === 0 || ended.value || kept === `${iterations} ${link}`) return
  kept = `${iterations} ${link}`
  const current = history.value
  const taken = await snapshot()
  if (!taken || current !== history.value) return
  // A snapshot may be a little newer than what the page has received.
  await saveRun({ link, software: software.value, snapshot: taken, history: current.save() })
}
