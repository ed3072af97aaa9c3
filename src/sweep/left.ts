/**
 * What a worker leaves of a population in training, for another one to go on from: one line of JSON, then the
 * checkpoint.
 */
import type { Fingerprint } from './types'

export interface Left {
  fingerprint: Fingerprint
  /** Whether parts were computed with another fingerprint. */
  mixed: boolean[]
  /** Of each agent of the checkpoint, in its order. */
  trials: number[]
  /** Seconds of training in this rung, as in a result. */
  seconds: number[]
  curves: [number, number][][]
}

const LINE_END = 0x0a
const MOST_JSON = 2 ** 22

export function writeLeft(left: Left, checkpoint: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(`${JSON.stringify(left)}\n`)
  const bytes = new Uint8Array(json.length + checkpoint.length)
  bytes.set(json)
  bytes.set(checkpoint, json.length)
  return bytes
}

/** Null if it is anything else: then nothing was left. */
export function readLeft(bytes: Uint8Array): { left: Left; checkpoint: Uint8Array } | null {
  const end = bytes.subarray(0, MOST_JSON).indexOf(LINE_END)
  if (end < 0) return null
  try {
    const left = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end)))
    return isLeft(left) ? { left, checkpoint: bytes.slice(end + 1) } : null
  } catch {
    return null
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isPoint = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && isCount(value[0]) && Number.isFinite(value[1])

function isLeft(value: unknown): value is Left {
  const { fingerprint, mixed, trials, seconds, curves } = (value ?? {}) as Partial<Left>
  const lists: [unknown, (entry: unknown) => boolean][] = [
    [trials, isCount],
    [mixed, (entry) => typeof entry === 'boolean'],
    [seconds, (entry) => Number.isFinite(entry) && (entry as number) >= 0],
    [curves, (entry) => Array.isArray(entry) && entry.length <= 50 && entry.every(isPoint)],
  ]
  const right = ({ adapter, browser, version }: Partial<Fingerprint>) =>
    [adapter, browser, version].every((text) => typeof text === 'string')
  return (
    lists.every(([list, valid]) => Array.isArray(list) && list.length === trials?.length && list.every(valid)) &&
    right(fingerprint ?? {})
  )
}
