/** The page's state, as signals, and everything a visitor can do to it. */
import { batch, computed, signal } from '@preact/signals'
import { findEnv } from '../../envs/registry'
import { ConfigError, type PpoConfig, type PpoOptions } from '../config'
import { layoutNetwork, networkShape, packParams } from '../network'
import type { OptionName } from '../options'
import { loadPolicy } from '../policy'
import { readSafetensors } from '../safetensors'
import { forgetRun, type Saved, savedRun, saveRun } from './autosave'
import { resolveChoice, withoutDefaults } from './choice'
import { type Client, connect } from './client'
import { withCompanions } from './companions'
import { whole } from './format'
import { type PageState, type PanelName, readDrawing, readLink, writeLink } from './link'
import { isLive } from './live'
import type {
  AdapterFacts,
  FocusFacts,
  FromWorker,
  Histogram,
  Standing,
  Surface,
  ViewChoice,
  Weights,
} from './protocol'
import { History } from './series'

export const adapter = signal<AdapterFacts | null>(null)
export const env = signal('CartPole-v1')
export const given = signal<PpoOptions>({})
export const view = signal<ViewChoice>({ source: 'policy', layout: 'grid', count: 36, focus: 0, tempo: 1 })
export const hidden = signal<PanelName[]>([])
/** Iterations per second at most; 0: as fast as it goes. */
export const pace = signal(0)
/** What the visitor wants; `standing.playing` is what is. */
export const playing = signal(true)

export const config = signal<PpoConfig | null>(null)
export const plan = signal<{ plan: string; planReason: string; dispatches: number } | null>(null)
export const standing = signal<Standing | null>(null)
export const scores = signal<(number | null)[]>([])
export const facts = signal<FocusFacts | null>(null)
export const histogram = signal<Histogram | null>(null)
export const situations = signal<number[]>([0, 0, 0, 0, 0, 0])
/** Counts up with every new point; the runs' histories themselves are no signals. */
export const tick = signal(0)
export const history = signal(new History('', 0))
/** Finished and replaced runs, latest first. */
export const earlier = signal<History[]>([])
/** The run drawn behind the current one. */
export const ghost = signal<History | null>(null)

/** The latest thing worth saying; errors stay until the next one. */
export const notice = signal<{ kind: 'info' | 'error'; text: string } | null>(null)
/** Set when nothing works any more. */
export const broken = signal<string | null>(null)

export const spec = computed(() => findEnv(env.value))
export const software = computed(() => adapter.value?.software ?? false)
export const shown = (panel: PanelName): boolean => !hidden.value.includes(panel)

/** No agent learns any more, whatever the visitor wants. */
export const ended = computed(() => standing.value !== null && standing.value.agents.running === 0)

/** How the run stands, in words. */
export const stateText = computed(() => {
  const s = standing.value
  if (!adapter.value) return 'looking for a GPU'
  if (!s) return 'preparing'
  const { running, solved, notFinite } = s.agents
  if (running > 0) return s.playing ? 'learning' : 'only watching'
  if (notFinite > 0) return `diverged (${s.notFinite})`
  if (solved > 0) return s.solvedAt === null ? 'solved' : `solved after ${whole(s.solvedAt)} steps`
  return 'finished'
})

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
  client.send({ type: 'open', canvas, surface, view: view.value, draw: drawing }, [canvas])
  document.addEventListener('visibilitychange', () => {
    client?.send({ type: 'visible', visible: document.visibilityState === 'visible' })
  })
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
  const saved = first ? await savedRun(currentLink(), software.value) : undefined
  restart({ saved })
  if (!saved) return
  history.value.restore(saved.history)
  tick.value++
  notice.value = { kind: 'info', text: `Going on after ${whole(saved.snapshot.iterations)} iterations.` }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const currentLink = (): string => writeLink(pageState(), software.value)

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
  savedIterations = 0
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
      ([key, value]) => `${key} ${JSON.stringify(value)}`,
    ),
  ].join(', ')

/** The latest speed of training that was measured. */
export const lastSps = (): number | null => history.value.last('sps')

let savedIterations = 0

/** Keeps the run, when there is something new of it. One that has ended goes on from a little before. */
async function autosave(): Promise<void> {
  const iterations = standing.value?.iterations ?? 0
  if (iterations === 0 || iterations === savedIterations || ended.value) return
  savedIterations = iterations
  const current = history.value
  const snapshot = await client!.snapshot()
  if (!snapshot || current !== history.value) return
  // A snapshot is a little younger than what the page has heard of.
  await saveRun({ link: currentLink(), software: software.value, snapshot, history: current.save() })
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
  if (Object.keys(changes).every(isLive) && !swept) {
    config.value = choice.config
    client?.send({ type: 'live', config: choice.config })
    notice.value = { kind: 'info', text: `${name} is ${JSON.stringify(value)} from the next iteration on.` }
    saveLink()
    if (playing.value) client?.send({ type: 'play' })
  } else {
    notice.value = { kind: 'info', text: `${name} is ${JSON.stringify(value)}: a new run has begun.` }
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

/** Begins a new run from the weights of a policy file of this environment. */
export function loadPolicyFile(bytes: Uint8Array): void {
  try {
    const policy = loadPolicy(bytes)
    if (policy.env !== env.value) throw new ConfigError(`This policy is for ${policy.env}, not ${env.value}.`)
    const { actorHidden, criticHidden, activation } = policy.shape
    const next = { ...given.value, hidden: actorHidden, actorHidden: null, criticHidden, activation }
    const { normaliser } = policy
    Object.assign(next, { normObs: Boolean(normaliser?.obs), normReward: Boolean(normaliser?.returns) })
    const shape = networkShape(spec.value, resolveChoice(env.value, next, software.value).config)
    if (JSON.stringify(sorted(shape)) !== JSON.stringify(sorted(policy.shape)))
      throw new ConfigError('Its network has a shape that this page cannot train.')
    const layout = layoutNetwork(shape)
    const tensors = [...readSafetensors(bytes, 'policy').tensors]
    const weights = new Map(tensors.map(([name, { data }]) => [name, data as Float32Array]))
    given.value = next
    const params = packParams(layout, weights, new Float32Array(layout.paramStride))
    restart({ weights: { params, normaliser } })
    notice.value = { kind: 'info', text: 'A new run begins from the weights of the file.' }
  } catch (error) {
    notice.value = { kind: 'error', text: `The file was not used. ${messageOf(error)}` }
  }
}

const sorted = (shape: object) => Object.entries(shape).sort(([a], [b]) => (a < b ? -1 : 1))
