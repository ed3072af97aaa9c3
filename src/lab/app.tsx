/** The page: header, panels, keyboard. */
import { useEffect } from 'preact/hooks'
import { playKey } from './keyplay'
import { Charts } from './panels/charts'
import { Compare } from './panels/compare'
import { Controls } from './panels/controls'
import { Explain } from './panels/explain'
import { Filters } from './panels/filters'
import { FocusPanel } from './panels/focus'
import { Header } from './panels/header'
import { Help, toggleHelp } from './panels/help'
import { Missing } from './panels/missing'
import { dismiss, Notices, SoftwareNotice } from './panels/notices'
import { Objective } from './panels/objective'
import { Population } from './panels/population'
import { Runs } from './panels/runs'
import { StagePanel } from './panels/stage'
import { broken, playing, shown } from './state'
import { resetSame, setPlaying, step } from './store/actions'

const KEYS: Record<string, () => void> = {
  ' ': () => setPlaying(!playing.value),
  '.': step,
  r: resetSame,
  s: () => document.querySelector<HTMLButtonElement>('[data-action=save]')?.click(),
  '?': toggleHelp,
  Escape: dismiss,
}

/** Keys belong to the focused field or button; space presses a button. */
function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (target.matches('input, select, textarea')) return
  if (playKey(event)) {
    event.preventDefault()
    return
  }
  if (event.key === ' ' && target.matches('button, summary, a, [tabindex]')) return
  if (event.type === 'keyup') return
  const action = KEYS[event.key]
  if (!action || document.querySelector('dialog[open]')) return
  event.preventDefault()
  action()
}

export function App() {
  useEffect(() => {
    const types = ['keydown', 'keyup'] as const
    for (const type of types) addEventListener(type, onKey)
    return () => {
      for (const type of types) removeEventListener(type, onKey)
    }
  }, [])
  if (broken.value) return <Missing reason={{ kind: 'device', detail: broken.value }} />
  return (
    <>
      <Header />
      <main class="panels">
        <SoftwareNotice />
        <div class="column">
          <StagePanel />
          {shown('focus') && <FocusPanel />}
          {shown('filters') && <Filters />}
          {shown('objective') && <Objective />}
        </div>
        <div class="column wide">
          {shown('charts') && <Charts />}
          {shown('population') && <Population />}
          {shown('runs') && <Runs />}
          {shown('compare') && <Compare />}
        </div>
        <div class="column">{shown('controls') && <Controls />}</div>
      </main>
      <Notices />
      <Help />
      <Explain />
    </>
  )
}
