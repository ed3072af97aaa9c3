/** What the page shows, and how each message changes it. Pure. */
import type { WorkerStatus } from '../sweep/types'
import type { FromWorker } from './protocol'

export interface Shown {
  phase: 'asking' | 'connecting' | 'waiting' | 'training' | 'away' | 'stopping' | 'stopped'
  status: WorkerStatus | null
  /** Of the batch in work. */
  env: string | null
  /** The latest lines that the worker said, the last one first. */
  said: string[]
  error: string | null
}

export const ASKING: Shown = { phase: 'asking', status: null, env: null, said: [], error: null }
const MOST_LINES = 5

export function shownAfter(shown: Shown, message: FromWorker): Shown {
  const isStopping = shown.phase === 'stopping'
  switch (message.type) {
    case 'away':
      return isStopping ? shown : { ...shown, phase: 'away' }
    case 'connected':
      return isStopping ? shown : { ...shown, phase: shown.status?.sweep ? 'training' : 'waiting' }
    case 'status': {
      const phase = message.status.sweep === null ? 'waiting' : 'training'
      const stays = isStopping || shown.phase === 'away'
      return { ...shown, status: message.status, phase: stays ? shown.phase : phase }
    }
    case 'env':
      return { ...shown, env: message.env }
    case 'said':
      return { ...shown, said: [message.line, ...shown.said].slice(0, MOST_LINES) }
    case 'ended':
      return { ...shown, phase: 'stopped', error: message.error }
  }
}
