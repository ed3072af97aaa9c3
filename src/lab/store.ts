/** Everything that a visitor can do, and what the Worker says, put into the state. */
import { batch } from '@preact/signals'
import type { PpoOptions } from '../config/config'
import { withCompanions } from '../options/implications'
import { OPTIONS, type OptionName } from '../options/options'
import { forgetRun, type Saved, savedRun, saveRun } from './autosave'
import { formatOption, resolveChoice, withoutDefaults } from './choice'
import { type Client, connect } from './client'
import { whole } from './format'
import { type PageState, type PanelName, readDrawing, readLink, writeLink } from './link'
import type { FromWorker, Surface, ViewChoice, Weights } from './protocol'
import { History } from './series'
import {
  adapter,
  broken,
  config,
  earlier,
  ended,
  env,
  facts,
  ghost,
  given,
  hidden,
  histogram,
  history,
  notice,
  pace,
  plan,
  playing,
  scores,
  shown,
  situations,
  software,
  standing,
  tick,
  view,
} from './state'

const RECENT_RUNS = 5
const AUTOSAVE_MS = 3000
const SOFTWARE_COUNT = 16
let client: Client | undefined
let run = 0
const drawing = readDrawing(location.hash)

const pageState = (): PageState => {
  const { source, layout, count } = view.value
  const unusual = {
    ...(source === 'policy' ? {} : { source }),
    ...(layout === 'grid' ? {} : { layout }),
    ...(count === usualCount() ? {} : { count }),
  }
  return { env: env.value, given: given.value, view: unusual, hidden: hidden.value, play: playing.value, draw: drawing }
}
const usualCount = (): number => (software.value ? SOFTWARE_COUNT : 256)

/** Connects to the Worker; the first run begins as soon as the adapter is known. */
export function open(canvas: OffscreenCanvas, surface: Surface): void {
  client = connect(receive)
  const visible = () => document.visibilityState === 'visible'
  client.send({ type: 'open', canvas, surface, view: view.value, draw: drawing, visible: visible() }, [canvas])
  document.addEventListener('visibilitychange', () => client?.send({ type: 'visible', visible: visible() }))
  setInterval(() => void autosave(), AUTOSAVE_MS)
  addEventListener('hashchange', () => {
    if (location.hash !== writeLink(pageState(), software.value)) void adoptLink()
  })
}

/** Takes the page's state from its link; at the beginning of a visit also the run that was left. */
async function adoptLink(first = false): Promise<void> {
  let state: PageState | undefined
  try {
    state = readLink(location.hash, software.value)
  } catch (error) {
    notice.value = { kind: 'error', text: `The link was not used. ${messageOf(error)}` }
  }
  batch(() => {
    env.value = state?.env ?? 'CartPole-v1'
    given.value = state?.given ?? {}
    hidden.value = state?.hidden ?? []
    playing.value = state?.play ?? true
    view.value = { ...view.value, source: 'policy', layout: 'grid', count: usualCount(), focus: 0, ...state?.view }
  })
  client?.send({ type: 'view', view: view.value })
  const saved = first ? await savedRun(runLink(), software.value) : undefined
  restart({ saved })
  if (!saved) return
  history.value.restore(saved.history)
  tick.value++
  notice.value = { kind: 'info', text: `Going on after ${whole(saved.snapshot.iterations)} iterations.` }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const currentLink = (): string => writeLink(pageState(), software.value)
/** What of the link decides about the run, and not about how it is looked at. */
const runLink = (): string =>
  writeLink({ env: env.value, given: given.value, view: {}, hidden: [], play: true, draw: 'auto' }, software.value)

function saveLink(): void {
  const link = currentLink()
  if (link !== location.hash) globalThis.history.replaceState(null, '', link)
}

function receive(message: FromWorker): void {
  switch (message.type) {
    case 'opened':
      adapter.value = message.adapter
      void adoptLink(true)
      return
    case 'started':
      if (message.run === run) plan.value = message
      return
    case 'progress':
      if (message.run === run) takeProgress(message)
      return
    case 'focus':
      facts.value = message.facts
      return
    case 'histogram':
      histogram.value = message.histogram
      return
    case 'failed':
      if (message.where === 'device') broken.value = message.message
      else notice.value = { kind: 'error', text: message.message }
      if (message.where === 'run') playing.value = false
  }
}

function takeProgress(message: Extract<FromWorker, { type: 'progress' }>): void {
  batch(() => {
    history.value.append(message.iterations, message.standing)
    standing.value = message.standing
    if (message.scores) scores.value = message.scores
    const latest = message.iterations.at(-1)
    if (latest) {
      situations.value = latest.situations
      tick.value++
    }
  })
}

/** Begins a new run with the current choice; the one before becomes the ghost. True when the choice is wrong. */
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
    scores.value = []
    tick.value++
  })
  saveLink()
  client?.send({
    type: 'start',
    run,
    choice,
    play: playing.value,
    weights: from.weights,
    snapshot: from.saved?.snapshot,
  })
  return false
}

/** `CartPole-v1, seed 2, learningRate 0.01`. */
const runLabel = (): string =>
  [
    env.value,
    ...Object.entries(withoutDefaults(env.value, given.value, software.value)).map(
      ([key, value]) => `${key} ${formatOption(key as OptionName, value)}`,
    ),
  ].join(', ')

/** The latest speed of training that was measured. */
export const lastSps = (): number | null => history.value.last('sps')

/** What has been kept last: how far the run was, and its options. */
let kept = ''

/** Keeps the run, when there is something new of it. One that has ended goes on from a little before. */
async function autosave(): Promise<void> {
  const iterations = standing.value?.iterations ?? 0
  const link = runLink()
  if (iterations === 0 || ended.value || kept === `${iterations} ${link}`) return
  kept = `${iterations} ${link}`
  const current = history.value
  const snapshot = await client!.snapshot()
  if (!snapshot || current !== history.value) return
  // A snapshot is a little younger than what the page has heard of.
  await saveRun({ link, software: software.value, snapshot, history: current.save() })
}

export function setPlaying(play: boolean): void {
  playing.value = play
  client?.send({ type: play ? 'play' : 'pause' })
  saveLink()
}
export function step(): void {
  playing.value = false
  client?.send({ type: 'step' })
  saveLink()
}
export function resetSame(): void {
  notice.value = { kind: 'info', text: `New run with the same seed, ${config.value?.seed}: the same curve.` }
  restart()
}
export function resetNewSeed(): void {
  const { seed: _, ...rest } = given.value
  given.value = { ...rest, seed: ((config.value?.seed ?? 0) + 1) % 2 ** 31 }
  notice.value = { kind: 'info', text: `New run with seed ${given.value.seed}.` }
  restart()
}
export function setPace(iterationsPerSecond: number): void {
  pace.value = iterationsPerSecond
  client?.send({ type: 'pace', iterationsPerSecond })
}
export function setView(change: Partial<ViewChoice>): void {
  view.value = { ...view.value, ...change }
  client?.send({ type: 'view', view: view.value })
  saveLink()
}
export const setSurface = (surface: Surface): void => client?.send({ type: 'surface', surface })
export const poke = (field: string, value: number): void => client?.send({ type: 'poke', field, value })

export function setEnv(id: string): void {
  env.value = id
  // Sizes and rates were chosen for the other environment.
  given.value = {}
  notice.value = { kind: 'info', text: `${id}, with its own preset.` }
  setView({ focus: 0 })
  restart()
}

/** Changes one option: at once where that is possible, else with a new run. False when the value is wrong. */
export function setOption(name: OptionName, value: unknown): boolean {
  const changes = withCompanions({ [name]: value }, config.value!)
  const next = { ...given.value, ...changes } as PpoOptions
  let choice: ReturnType<typeof resolveChoice>
  try {
    choice = resolveChoice(env.value, next, software.value)
  } catch (error) {
    notice.value = { kind: 'error', text: messageOf(error) }
    return false
  }
  given.value = next
  const swept = typeof value === 'object' && value !== null && name !== 'hidden'
  if (Object.keys(changes).every((changed) => OPTIONS[changed as OptionName].live) && !swept) {
    config.value = choice.config
    client?.send({ type: 'live', config: choice.config })
    notice.value = { kind: 'info', text: `${name} is ${formatOption(name, value)} from the next iteration on.` }
    saveLink()
    if (playing.value) client?.send({ type: 'play' })
  } else {
    notice.value = { kind: 'info', text: `${name} is ${formatOption(name, value)}: a new run has begun.` }
    restart()
  }
  return true
}

/** The environment's own options again. */
export function resetOptions(): void {
  given.value = {}
  notice.value = { kind: 'info', text: 'All options are the preset’s again: a new run has begun.' }
  restart()
}

export function togglePanel(panel: PanelName): void {
  hidden.value = shown(panel) ? [...hidden.value, panel] : hidden.value.filter((name) => name !== panel)
  saveLink()
}

export const policyBytes = (): Promise<Uint8Array> => client!.policy()
export const picture = (width: number, height: number): Promise<Uint8ClampedArray> => client!.picture(width, height)
