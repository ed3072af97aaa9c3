/** Writes the Worker's messages and the page's link into the state. */
import { batch } from '@preact/signals'
import { savedRun } from '../autosave'
import { firstEnv } from '../environments'
import { messageOf, whole } from '../format'
import { type PageState, readLink } from '../link'
import type { FromWorker, Surface } from '../protocol'
import {
  adapter,
  broken,
  env,
  facts,
  featureMaps,
  given,
  hidden,
  histogram,
  history,
  notice,
  plan,
  playing,
  recoveries,
  recovering,
  scores,
  situations,
  software,
  standing,
  tick,
  view,
} from '../state'
import { currentLink, drawing, runKey, usualCount } from './address'
import { openLine, tell } from './line'
import { autosave, isCurrent, restart } from './runs'

const AUTOSAVE_MS = 3000

/** Connects to the Worker; the first run starts as soon as the adapter is known. */
export function open(canvas: OffscreenCanvas, surface: Surface): void {
  openLine(receive)
  const visible = () => document.visibilityState === 'visible'
  tell({ type: 'open', canvas, surface, view: view.value, draw: drawing, visible: visible() }, [canvas])
  document.addEventListener('visibilitychange', () => tell({ type: 'visible', visible: visible() }))
  setInterval(() => void autosave(), AUTOSAVE_MS)
  addEventListener('hashchange', () => {
    if (location.hash !== currentLink()) void adoptLink()
  })
}

/** Reads the page's state from its link; when the page opens also the saved run. */
async function adoptLink(first = false): Promise<void> {
  let state: PageState | undefined
  try {
    state = readLink(location.hash, software.value)
  } catch (error) {
    notice.value = { kind: 'error', text: `The link was not used. ${messageOf(error)}` }
  }
  batch(() => {
    env.value = state?.env ?? firstEnv()
    given.value = state?.given ?? {}
    hidden.value = state?.hidden ?? []
    playing.value = state?.play ?? true
    view.value = { ...view.value, source: 'policy', layout: 'grid', count: usualCount(), focus: 0, ...state?.view }
  })
  tell({ type: 'view', view: view.value })
  const saved = first ? await savedRun(runKey(), software.value) : undefined
  restart({ saved })
  if (!saved) return
  history.value.restore(saved.history)
  tick.value++
  notice.value = { kind: 'info', text: `Continued after ${whole(saved.snapshot.iterations)} iterations.` }
}

function receive(message: FromWorker): void {
  switch (message.type) {
    case 'opened':
      adapter.value = message.adapter
      void adoptLink(true)
      return
    case 'started':
      if (isCurrent(message)) plan.value = message
      return
    case 'progress':
      if (isCurrent(message)) takeProgress(message)
      return
    case 'changed':
      if (!isCurrent(message)) return
      history.value.mark(message.timesteps, message.change)
      tick.value++
      return
    case 'focus':
      facts.value = message.facts
      return
    case 'histogram':
      histogram.value = message.histogram
      return
    case 'maps':
      if (isCurrent(message)) featureMaps.value = message.maps
      return
    case 'lost':
      recovering.value = true
      notice.value = {
        kind: 'error',
        text: 'The GPU was lost, through another page or its driver. The run waits until it is available again.',
      }
      return
    case 'recovered':
      takeRecovery(message)
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

function takeRecovery(message: Extract<FromWorker, { type: 'recovered' }>): void {
  const { from, iterations, ms, sameAdapter } = message
  const again = iterations > from ? ` Iterations ${whole(from + 1)} to ${whole(iterations)} are computed again.` : ''
  const other = sameAdapter ? '' : ' It is another adapter, so the numbers may differ a little from here on.'
  batch(() => {
    adapter.value = message.adapter
    recovering.value = false
    recoveries.value++
    const text = `The GPU was lost and is back after ${(ms / 1000).toFixed(1)} s; the run continues.${again}${other}`
    notice.value = { kind: 'info', text }
  })
}
