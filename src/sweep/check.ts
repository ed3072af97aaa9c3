/**
 * Batches, results and statuses from JSON that anybody may have written. What is not exactly of the right shape is
 * refused: unknown fields, wrong types, numbers out of range, names with control characters.
 */
import {
  type Check,
  choice,
  count,
  fields,
  file,
  flag,
  hex,
  listOf,
  number,
  one,
  orNull,
  readJson,
  record,
  SweepDataError,
  text,
  token,
} from './shapes'
import type { Batch, Member, TrialResult, WorkerStatus } from './types'

export { SweepDataError } from './shapes'

/** Bytes of the JSON texts at most. */
export const MOST_BATCH = 2 ** 20
export const MOST_RESULT = 2 ** 14
export const MOST_STATUS = 2 ** 11
export const MOST_MEMBERS = 1024

const fingerprint = fields({ adapter: text(200), browser: text(200), version: text(50) })
const sweep = hex(16)
const trial = count(2 ** 31)

/** A number, true or false, or drawn between two bounds. */
const setting: Check = (path, value) => {
  if (typeof value === 'number') return number()(path, value)
  if (typeof value === 'boolean') return
  fields({ uniform: listOf(number(), 2, 2) })(path, value)
}
const params = record(text(100), setting, 64)

const member = fields<Member>({
  trial,
  seed: count(2 ** 32 - 1),
  sweep: record(text(40), number(), 64),
  envParams: params,
  from: orNull(file),
})

/** What an option may be; `resolveConfig` checks the values against the table of options. */
const option: Check = (path, value) => {
  if (Array.isArray(value)) return listOf(number(), 0, 64)(path, value)
  if (typeof value === 'string') return text(2000)(path, value)
  if (typeof value === 'number') return number()(path, value)
  if (typeof value === 'boolean' || value === null) return
  throw new SweepDataError(`${path}: is not the value of an option`)
}
const config: Check = (path, value) => {
  record(text(40), (at, own) => (/\.(envParams|sweep)$/.test(at) ? params(at, own) : option(at, own)), 100)(path, value)
}

const batch = fields<Batch>({
  ...{ version: one(1), sweep, id: token(100), ticket: hex(32) },
  env: fields({ id: text(100), hash: hex(64) }),
  config,
  rung: count(1000),
  until: count(Number.MAX_SAFE_INTEGER),
  members: listOf(member, 1, MOST_MEMBERS),
  keep: fields({ checkpoint: flag, policy: flag }),
})

const result = fields<TrialResult>({
  ...{ version: one(1), sweep, batch: token(100), ticket: hex(32), trial, rung: count(1000) },
  timesteps: count(Number.MAX_SAFE_INTEGER),
  score: orNull(number()),
  status: choice('running', 'finished', 'notFinite', 'failed'),
  curve: listOf(
    (path, value) => {
      listOf(number(), 2, 2)(path, value)
      count(Number.MAX_SAFE_INTEGER)(`${path}[0]`, (value as number[])[0])
    },
    0,
    50,
  ),
  seconds: number(0, 1e9),
  weightsHash: orNull(hex(64)),
  fingerprint,
  mixed: flag,
  checkpoint: orNull(file),
  policy: orNull(file),
  error: orNull(text(500)),
})

const status = fields<WorkerStatus>({
  id: token(100),
  kind: choice('command', 'tab'),
  fingerprint,
  software: flag,
  sweep: orNull(sweep),
  trials: count(MOST_MEMBERS),
  rung: count(1000),
  sps: number(0, 1e15),
  given: count(2 ** 53 - 1),
})

/** @throws SweepDataError that names the first wrong field. */
export function readBatch(json: string): Batch {
  const read = readJson('batch', json, MOST_BATCH, batch) as Batch
  const { numAgents, sweep } = read.config
  if (numAgents !== 1) throw new SweepDataError('batch.config.numAgents: is not 1')
  if (typeof sweep !== 'object' || Object.keys(sweep).length > 0)
    throw new SweepDataError('batch.config.sweep: is not {}')
  const ids = new Set(read.members.map((member) => member.trial))
  if (ids.size < read.members.length) throw new SweepDataError('batch.members: a trial is in it twice')
  return read
}

/** @throws SweepDataError that names the first wrong field. */
export function readResult(json: string): TrialResult {
  const read = readJson('result', json, MOST_RESULT, result) as TrialResult
  if ((read.status === 'failed') !== (read.error !== null)) {
    throw new SweepDataError(`result.error: ${read.error === null ? 'is null' : 'is given'} with status ${read.status}`)
  }
  return read
}

/** @throws SweepDataError that names the first wrong field. */
export const readStatus = (json: string): WorkerStatus => readJson('status', json, MOST_STATUS, status) as WorkerStatus
