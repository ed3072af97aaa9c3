/** The page's link: all of its state that is worth keeping or sending. */
import { type PageState, readDrawing, writeLink } from '../link'
import { env, given, hidden, playing, software, view } from '../state'

const SOFTWARE_COUNT = 16
/** How pictures get to the canvas, as the link had it when the page was opened. */
export const drawing = readDrawing(location.hash)

/** Environments that are shown unless the link says otherwise. */
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

/** What of the link decides about the run, and not about how it is looked at. */
export const runLink = (): string =>
  writeLink({ env: env.value, given: given.value, view: {}, hidden: [], play: true, draw: 'auto' }, software.value)

export function saveLink(): void {
  const link = currentLink()
  if (link !== location.hash) globalThis.history.replaceState(null, '', link)
}
