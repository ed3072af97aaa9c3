/** The page's state, as signals. The code that changes it is in store/. */
import { computed, signal } from '@preact/signals'
import type { PpoConfig, PpoOptions } from '../config/config'
import { environmentOf } from './environments'
import { whole } from './format'
import type { PanelName } from './link'
import type { AdapterFacts, FeatureMaps, FocusFacts, Histogram, Standing, ViewChoice } from './protocol'
import { History } from './series'

/** Whether the user prefers reduced motion. */
export const prefersStill = matchMedia('(prefers-reduced-motion: reduce)').matches

export const adapter = signal<AdapterFacts | null>(null)
export const env = signal('CartPole-v1')
export const given = signal<PpoOptions>({})
export const view = signal<ViewChoice>({
  source: 'policy',
  layout: 'grid',
  count: 36,
  focus: 0,
  tempo: prefersStill ? 0 : 1,
})
export const hidden = signal<PanelName[]>([])
/** Iterations per second at most; 0: no limit. */
export const pace = signal(0)
/** Whether the user wants training to run; `standing.playing` is whether it runs. */
export const playing = signal(true)

export const config = signal<PpoConfig | null>(null)
export const plan = signal<{ plan: string; planReason: string; dispatches: number } | null>(null)
export const standing = signal<Standing | null>(null)
export const scores = signal<(number | null)[]>([])
export const facts = signal<FocusFacts | null>(null)
export const histogram = signal<Histogram | null>(null)
/** Null for networks that do not begin with a convolution. */
export const featureMaps = signal<FeatureMaps | null>(null)
export const situations = signal<number[]>([0, 0, 0, 0, 0, 0])
/** Increases with every new point; the histories of the runs are not signals. */
export const tick = signal(0)
export const history = signal(new History('', 0))
/** Finished and replaced runs, latest first. */
export const earlier = signal<History[]>([])
/** The run drawn behind the current one. */
export const ghost = signal<History | null>(null)

/** The latest message to the user; errors stay until the next message. */
export const notice = signal<{ kind: 'info' | 'error'; text: string } | null>(null)
/** The device is lost, and the run waits for another one. */
export const recovering = signal(false)
/** How often the run has continued on another device. */
export const recoveries = signal(0)
/** Set after an error that ends everything. */
export const broken = signal<string | null>(null)

export const spec = computed(() => environmentOf(env.value))
export const software = computed(() => adapter.value?.software ?? false)
export const shown = (panel: PanelName): boolean => !hidden.value.includes(panel)

/** No agent is training any more, whatever the user wants. */
export const ended = computed(() => standing.value !== null && standing.value.agents.running === 0)

/** How many environments the picture's grid shows: fewer than were chosen where fewer train. */
export const drawnCount = computed(() => standing.value?.drawn?.count ?? view.value.count)

/** The status of the run, in words. */
export const stateText = computed(() => {
  const s = standing.value
  if (!adapter.value) return 'looking for a GPU'
  if (!s) return 'preparing'
  if (recovering.value) return 'waiting for the GPU'
  const { running, solved, notFinite } = s.agents
  if (running > 0) return s.playing ? 'learning' : 'only watching'
  if (notFinite > 0) return `diverged (${s.notFinite})`
  if (solved > 0) return s.solvedAt === null ? 'solved' : `solved after ${whole(s.solvedAt)} steps`
  return 'finished'
})

/** The theme. */
const dark = matchMedia('(prefers-color-scheme: dark)')
export const isDark = signal(dark.matches)
dark.addEventListener('change', () => {
  isDark.value = dark.matches
})
