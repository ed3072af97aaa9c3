/** Progress: one line that is redrawn on a terminal, one line per interval elsewhere. */
import type { Preparing } from '../../src/run/preparing'
import { count } from '../cli/output'

export interface ProgressState {
  /** Per agent. */
  timesteps: number
  episodicReturn: number | null
  /** Steps per second of all agents together. */
  sps: number
  /** Seconds left at this speed. */
  secondsLeft: number
}

export interface Progress {
  update(state: ProgressState): void
  /** Shows the current stage before the first rows. */
  prepare(preparing: Preparing): void
  /** Ends the line on a terminal; elsewhere, writes the last state if it was not written yet. */
  end(): void
}

const INTERVAL_MS = 2000
const REDRAW_MS = 100

const clock = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return '-:--'
  const s = Math.max(0, Math.round(seconds))
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  const tail = String(s % 60).padStart(2, '0')
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`
}

/**
 * `12 % ███░░░ 36,864 / 300,000 steps return 187.3 11,200 steps/s 0:23 left`, shortened to the terminal's width.
 */
export function barLine(state: ProgressState, total: number, columns: number): string {
  const part = Math.min(1, state.timesteps / total)
  const cells = Math.max(6, Math.min(24, columns - 80))
  const full = Math.round(part * cells)
  const bar = '█'.repeat(full) + '░'.repeat(cells - full)
  return `${String(Math.floor(part * 100)).padStart(3)} % ${bar} ${facts(state, total)}`.slice(
    0,
    Math.max(1, columns - 1),
  )
}

function facts({ timesteps, episodicReturn, sps, secondsLeft }: ProgressState, total: number): string {
  const parts = [`${count(timesteps)} / ${count(total)} steps`, `return ${count(episodicReturn, 1)}`]
  return [...parts, `${count(sps)} steps/s`, `${clock(secondsLeft)} left`].join('  ')
}

/** `first weights: 41 %, 0:12 so far, 0:17 left`. */
export function preparingText({ stage, seconds, done, secondsLeft }: Preparing): string {
  const what = { firstWeights: 'first weights', compiling: 'compiling, and computing the first iteration' }[stage]
  const share = done === null ? [] : [`${Math.floor(100 * done)} %`]
  const left = secondsLeft === null ? [] : [`${clock(secondsLeft)} left`]
  return `${what}: ${[...share, `${clock(seconds)} so far`, ...left].join(', ')}`
}

export function makeProgress(stream: NodeJS.WriteStream, total: number, now = Date.now): Progress {
  const tty = stream.isTTY === true
  const interval = tty ? REDRAW_MS : INTERVAL_MS
  let last = tty ? 0 : now()
  let pending: ProgressState | undefined
  const write = (bar: string, line: string) => {
    stream.write(tty ? `\r\x1b[2K${bar.slice(0, Math.max(1, (stream.columns || 80) - 1))}` : `${line}\n`)
    last = now()
  }
  const draw = (state: ProgressState) => {
    write(barLine(state, total, stream.columns || 80), facts(state, total))
    pending = undefined
  }
  return {
    prepare(preparing) {
      const text = preparingText(preparing)
      if (now() - last >= interval) write(text, text)
    },
    update(state) {
      pending = state
      if (now() - last >= interval) draw(state)
    },
    end() {
      if (pending) draw(pending)
      if (tty) stream.write('\n')
    },
  }
}
