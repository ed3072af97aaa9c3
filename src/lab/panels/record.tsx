/** The button that records the stage, and offers the film as a download. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { download } from '../download'
import { whole } from '../format'
import type { Recording } from '../protocol'
import { env, notice, standing } from '../state'
import { record, tell } from '../store/line'

/** Seconds since it began; null: nothing is recorded. */
const recording = signal<number | null>(null)

export function Record() {
  const seconds = recording.value
  const runs = seconds !== null
  useEffect(() => {
    if (!runs) return
    const begun = performance.now()
    const timer = setInterval(() => {
      if (recording.value !== null) recording.value = Math.floor((performance.now() - begun) / 1000)
    }, 250)
    return () => clearInterval(timer)
  }, [runs])
  return (
    <button
      type="button"
      data-action="record"
      aria-pressed={runs}
      title={runs ? 'End the recording, and save it' : 'Record what is drawn here as a film, for a minute at most'}
      disabled={!standing.value?.drawn}
      onClick={() => (runs ? tell({ type: 'stopRecording' }) : void begin())}
    >
      {runs ? `Stop (${seconds} s)` : 'Record'}
    </button>
  )
}

async function begin(): Promise<void> {
  const name = env.value.replaceAll('/', '-')
  recording.value = 0
  const film = await record()
  recording.value = null
  if ('failed' in film) {
    notice.value = { kind: 'error', text: film.failed }
    return
  }
  notice.value = { kind: 'info', text: said(film) }
  download(`${name}.${film.format}`, new Blob([film.bytes]))
}

function said({ format, codec, pictures, seconds }: Exclude<Recording, { failed: string }>): string {
  const why = format === 'gif' ? ' This browser has no video encoder, so the film is a gif.' : ''
  return `Recorded ${whole(pictures)} pictures in ${seconds.toFixed(1)} s, as ${format} (${codec}).${why}`
}
