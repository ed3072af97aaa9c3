/** The page's link: the part of its state that is worth saving or sharing. */
import { ownOf } from '../environments'
import { type PageState, readDrawing, writeLink } from '../link'
import { env, given, hidden, playing, software, view } from '../state'

const SOFTWARE_COUNT = 16
/** The drawing mode in the link when the page was opened. */
export const drawing = readDrawing(location.hash)

/** Number of environments shown if the link does not set it. */
export const usualCount = (): number => (software.value ? SOFTWARE_COUNT : 256)

function pageState(): PageState {
  const { source, layout, count } = view.value
  const unusual = {
    ...(source === 'policy' ? {} : { source }),
    ...(layout === 'grid' ? {} : { layout }),
    ...(count === usualCount() ? {} : { count }),
  }
  return { env: env.value, given: given.value, view: unusual, hidden: hidden.value, play: playing.value, draw: drawing }
}

export const currentLink = (): string => writeLink(pageState(), software.value)

/** The part of the link that determines the run, without how it is displayed. */
export const runLink = (): string =>
  writeLink({ env: env.value, given: given.value, view: {}, hidden: [], play: true, draw: 'auto' }, software.value)

/** What a saved run belongs to: its link, and the source of an environment that may change. */
export const runKey = (): string => [runLink(), ownOf(env.value)?.source ?? ''].join(' ').trim()

export function saveLink(): void {
  const link = currentLink()
  if (link !== location.hash) globalThis.history.replaceState(null, '', link)
}
