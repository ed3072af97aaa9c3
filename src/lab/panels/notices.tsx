/** Messages to the user: what was done goes away after a while, an error stays until it is closed. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { adapter, notice, recoveries } from '../state'

/** Time to read a message: some for noticing it, and as much as slow readers need for its letters. */
export const readingMs = (text: string): number => 5000 + 80 * text.length

const held = signal(false)

export const dismiss = (): void => {
  held.value = false // a button that goes away loses the focus without an event
  notice.value = null
}

/** The latest message, above everything else at the lower edge. It waits while the pointer or the focus is on it. */
export function Notices() {
  const n = notice.value
  const waits = held.value
  useEffect(() => {
    if (n?.kind !== 'info' || waits) return
    const timer = setTimeout(dismiss, readingMs(n.text))
    return () => clearTimeout(timer)
  }, [n, waits])
  const hold = (on: boolean) => () => (held.value = on)
  return (
    <div
      class={`toast ${n?.kind ?? 'none'}`}
      data-recovered={recoveries.value || undefined}
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocusCapture={hold(true)}
      onBlurCapture={hold(false)}
    >
      <p role="status" aria-live="polite" data-notice={n?.kind ?? 'none'}>
        {n?.text}
      </p>
      {n && (
        <button type="button" data-action="dismiss" aria-label="Close the message" onClick={dismiss}>
          ×
        </button>
      )}
    </div>
  )
}

const closed = signal(false)

/** Says that there is no GPU in use, and what to do about it; can be closed. */
export function SoftwareNotice() {
  if (!adapter.value?.software || closed.value) return null
  return (
    <div class="software" data-notice="software">
      <details>
        <summary>
          No GPU in use: this browser computes on the processor ({adapter.value.name}). Networks are smaller and
          pictures fewer here; speeds say nothing about a GPU. What to do
        </summary>
        <ul>
          <li>
            If this computer has a GPU, chrome://gpu says why it is not used; update its driver, switch on hardware
            acceleration in the browser’s settings, then restart the browser.
          </li>
          <li>On Linux, start Chrome with --enable-unsafe-webgpu --enable-features=Vulkan.</li>
          <li>Without a GPU everything works, only slower.</li>
        </ul>
      </details>
      <button type="button" aria-label="Close the note on the missing GPU" onClick={() => (closed.value = true)}>
        ×
      </button>
    </div>
  )
}
