/** Shared by the kernel tests: one dispatch on given buffers, records and structs by name, comparison with a twin. */
import { expect } from 'vitest'
import type { KernelRun } from '../../harness/protocol/protocol'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { link, type Slot } from '../../src/gpu/link'
import { readStruct, reflectStruct, type StructValue, writeStruct } from '../../src/gpu/reflect'
import { kernelPath, SHADERS } from '../../src/gpu/shaders'
import { criticDim, type NetworkShape } from '../../src/model/network'
import { FLAG, maskWords, type RecordLayout, recordLayout } from '../../src/plan/transition'
import { hyperValues } from '../../src/run/hyper'
import { gpu } from './gpu'

export type Data = Float32Array | Uint32Array | Int32Array

/** One dispatch in the shared page. Results have the lengths of the inputs. */
export async function runKernel<R extends KernelRun>(
  run: R,
): Promise<{ [name in keyof R['buffers']]: R['buffers'][name] }> {
  return (await (await gpu()).call('runKernel', run)) as never
}

/** Workgroups of 64 threads over `n` items, agents along y. */
export const perItem = (n: number, numAgents: number): [number, number, number] => [Math.ceil(n / 64), numAgents, 1]

/** Extra floats after everything that a kernel should write. */
export const TAIL = 16

/** `n` floats and a tail, all NaN: shows what a kernel does not write, or writes too much. */
export const unwritten = (n: number): Float32Array => new Float32Array(n + TAIL).fill(Number.NaN)

/** The same for buffers of structs, in words. */
export const unwrittenWords = (n: number): Uint32Array => new Uint32Array(unwritten(n).buffer)

/** Numbers uniform in [-1, 1), f32, the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return Math.fround((((x ^ (x >>> 14)) >>> 0) / 2 ** 31 - 1) as number)
  }
}

/** `n` of those numbers, times `scale`, rounded to f32. */
export function randomArray(n: number, random: () => number, scale = 1): Float32Array {
  return Float32Array.from({ length: n }, () => scale * random())
}

export interface Limit {
  atol?: number
  rtol?: number
  /** Names and sizes of the axes, outermost first: `{ step: 123, env: 7 }`. Without them the place is a plain index. */
  dims?: Record<string, number>
}

/** `[step 122, env 6]`, or `[860]`. */
function placeOf(index: number, dims: Record<string, number> | undefined): string {
  if (!dims) return `[${index}]`
  let rest = index
  const parts = Object.entries(dims)
    .reverse()
    .map(([axis, size]) => {
      const part = `${axis} ${rest % size}`
      rest = Math.floor(rest / size)
      return part
    })
  return `[${parts.reverse().join(', ')}]`
}

const short = (x: number): string => String(Number(x.toPrecision(7)))

/**
 * Throws, naming the worst place, unless every number of `gpu` is within atol + rtol |ref|; a NaN in either fails.
 * Without limits the two must be equal. With KERNEL_ERRORS in the environment it prints the largest errors.
 */
export function expectClose(name: string, gpu: ArrayLike<number>, ref: ArrayLike<number>, limits: Limit = {}): void {
  const { atol = 0, rtol = 0, dims } = limits
  if (gpu.length !== ref.length) throw new Error(`${name}: gpu has ${gpu.length} numbers, ref ${ref.length}`)
  if (gpu.length === 0) throw new Error(`${name}: there is nothing to compare`)
  let worst = -1
  let most = 0
  let largest = 0
  for (let i = 0; i < ref.length; i++) {
    if (gpu[i] === ref[i]) continue
    const error = Math.abs(gpu[i] - ref[i])
    // With an infinity or a NaN on either side no number is within a limit, not even within an infinite one.
    const share = Number.isFinite(error) ? error / (atol + rtol * Math.abs(ref[i])) : Infinity
    largest = Math.max(largest, error)
    if (share > most) {
      most = share
      worst = i
    }
  }
  if (most <= 1) {
    if (process.env.KERNEL_ERRORS) console.log(`${name}: ${largest.toExponential(1)}, ${most.toFixed(2)} of the limit`)
    return
  }
  const limit = atol + rtol * Math.abs(ref[worst])
  throw new Error(
    `${name}${placeOf(worst, dims)}: gpu ${short(gpu[worst])}, ref ${short(ref[worst])}, limit ${short(limit)}`,
  )
}

/** Throws unless every word that `written` does not name has the same bits as before the dispatch. */
export function expectUntouched(
  name: string,
  after: Data,
  before: Data,
  written: (index: number) => boolean = () => false,
): void {
  const now = new Uint32Array(after.buffer, after.byteOffset, after.length)
  const then = new Uint32Array(before.buffer, before.byteOffset, before.length)
  if (now.length !== then.length) throw new Error(`${name}: ${now.length} words after, ${then.length} before`)
  for (let i = 0; i < then.length; i++) {
    if (now[i] !== then[i] && !written(i)) {
      throw new Error(`${name}[${i}]: was ${before[i]}, is ${after[i]}, and should not have been written`)
    }
  }
}

/** Writing and reading the structs that a linked kernel declares; field names in camelCase. */
export function structsOf(stem: string, slots: Record<string, Slot> = {}) {
  const { code } = link(kernelPath(stem), SHADERS, slots)
  const words = (name: string): number => reflectStruct(code, name).size / 4
  return {
    words,
    /** Word offset of a field. */
    at: (name: string, field: string): number =>
      reflectStruct(code, name).fields.find((f) => f.name === field)!.offset / 4,
    write(name: string, rows: object[]): Uint32Array {
      const layout = reflectStruct(code, name)
      const bytes = new ArrayBuffer(layout.size * rows.length)
      rows.forEach((row, i) => {
        writeStruct(layout, row as Record<string, unknown>, new DataView(bytes), i * layout.size)
      })
      return new Uint32Array(bytes)
    },
    read<T = Record<string, number>>(name: string, data: Data, index: number): T {
      const layout = reflectStruct(code, name)
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
      return readStruct(layout, view, index * layout.size) as { [field: string]: StructValue } as T
    },
  }
}
export type Structs = ReturnType<typeof structsOf>

/** `data` and a tail of NaN. */
export function withTail(data: Uint32Array): Uint32Array {
  const all = unwrittenWords(data.length)
  all.set(data)
  return all
}

const FIRST_PROGRESS = {
  seed: 1,
  iteration: 0,
  status: 0,
  adamStep: 0,
  solvedAt: 0,
  windowNext: 0,
  learningRate: 0,
  klCoef: 0,
  remaining: 1,
}
export type Progress = typeof FIRST_PROGRESS

/** The records `Progress` of the agents. */
export const progressOf = (structs: Structs, agents: Partial<Progress>[]): Uint32Array =>
  structs.write(
    'Progress',
    agents.map((agent) => ({ ...FIRST_PROGRESS, ...agent })),
  )

/** The records `Hyper` of the agents. */
export const hyperOf = (structs: Structs, agents: PpoOptions[], spec?: EnvSpec): Uint32Array =>
  structs.write(
    'Hyper',
    agents.map((options) => hyperValues(resolveConfig({}, options), spec, 0)),
  )

/** Numbers of one row of a field of a record. */
function widthOf(shape: NetworkShape, record: RecordLayout, field: keyof RecordLayout): number {
  if (field === 'obs') return criticDim(shape)
  if (field === 'actorObs') return shape.obsDim
  if (field === 'oldOut' || field === 'oldOwn') return shape.actionDim
  if (field === 'mask') return record.maskWords
  return field === 'action' ? record.actionCount : 1
}

export type Columns = { [field in keyof RecordLayout]?: ArrayLike<number> }

/** Records of `shape`, followed by a tail; what `columns` ([row][width], f32) do not set is NaN. */
export function makeRecords(shape: NetworkShape, rows: number, columns: Columns = {}): Float32Array {
  const record = recordLayout(shape)
  const records = unwritten(rows * record.stride)
  for (const [field, values] of Object.entries(columns)) setColumn(shape, records, field as keyof RecordLayout, values!)
  return records
}

/** Writes column `field`, [row][width], from record `first` on. */
export function setColumn(
  shape: NetworkShape,
  records: Float32Array,
  field: keyof RecordLayout,
  values: ArrayLike<number>,
  first = 0,
): void {
  const record = recordLayout(shape)
  const width = widthOf(shape, record, field)
  for (let i = 0; i < values.length; i++) {
    records[(first + Math.floor(i / width)) * record.stride + record[field] + (i % width)] = values[i]
  }
}

/** Column `field` of `rows` records from record `first` on, [row][width]. */
export function columnOf(
  shape: NetworkShape,
  records: Float32Array,
  field: keyof RecordLayout,
  rows: number,
  first = 0,
): Float32Array {
  const record = recordLayout(shape)
  const width = widthOf(shape, record, field)
  return Float32Array.from({ length: rows * width }, (_, i) => {
    return records[(first + Math.floor(i / width)) * record.stride + record[field] + (i % width)]
  })
}

/** Whether word `i` of records belongs to one of `fields` of a row that `rows` accepts: for `expectUntouched`. */
export function isField(shape: NetworkShape, fields: (keyof RecordLayout)[], rows: (row: number) => boolean) {
  const record = recordLayout(shape)
  return (i: number): boolean => {
    const at = i % record.stride
    const inside = fields.some((field) => at >= record[field] && at < record[field] + widthOf(shape, record, field))
    return inside && rows(Math.floor(i / record.stride))
  }
}

/** A network of which only the sizes of observation and policy output matter. */
export const shapeOf = (
  obsDim: number,
  actionDim: number,
  dist: NetworkShape['dist'] = 'categorical',
): NetworkShape => ({
  obsDim,
  actionDim,
  actorHidden: [4],
  criticHidden: [4],
  activation: 'tanh',
  dist,
})

/** One row per agent of `stop`, all gates open but the given ones: `{ 1: [0] }` closes gate 0 of agent 1. */
export function gates(numAgents: number, stride: number, closed: Record<number, number[]> = {}): Uint32Array {
  const stop = new Uint32Array(numAgents * stride)
  for (const [agent, slots] of Object.entries(closed)) for (const slot of slots) stop[Number(agent) * stride + slot] = 1
  return stop
}

/** The values at `index(i)` of `data`. */
export const pick = (data: ArrayLike<number>, n: number, index: (i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => data[index(i)])

/** Control case: the comparison that just passed must fail if one number is changed by `by` (10 limits by default). */
export function expectCaught(name: string, gpu: ArrayLike<number>, ref: ArrayLike<number>, limits: Limit): void {
  const wrong = Float64Array.from(ref)
  const { atol = 0, rtol = 0 } = limits
  const at = wrong.length - 1
  wrong[at] += 10 * (atol + rtol * Math.abs(wrong[at])) || 1
  expect(() => expectClose(name, gpu, wrong, limits)).toThrow(name)
}

/** Arguments of Adam's twin, in the GPU's precision, at a learning rate after the schedules. */
export function adamHyper(config: PpoConfig, learningRate: number) {
  const { maxGradNorm } = config
  const [adamBeta1, adamBeta2, adamEps, weightDecay] = [
    ...[config.adamBeta1, config.adamBeta2, config.adamEps, config.weightDecay].map(Math.fround),
  ]
  return { learningRate, adamBeta1, adamBeta2, adamEps, maxGradNorm, weightDecay }
}

/** 1 for the rows whose flags have a bit. */
export const flagged = (flags: ArrayLike<number>, bit: keyof typeof FLAG): number[] =>
  Array.from(flags, (value) => Number((value & FLAG[bit]) !== 0))

/** Flags of rows that ended this way. */
export const endFlags = (terminated: ArrayLike<number>, truncated: ArrayLike<number>): number[] =>
  Array.from(terminated, (t, i) => (t ? FLAG.terminated : 0) | (truncated[i] ? FLAG.truncated : 0))

/** Masks, [row][actionDim], in the form of records: [row][maskWords]. */
export const packedMasks = (shape: NetworkShape, masks: ArrayLike<number>): number[] => {
  const { actionDim } = shape
  return Array.from({ length: masks.length / actionDim }, (_, row) =>
    maskWords(masks, row * actionDim, recordLayout(shape), actionDim),
  ).flat()
}
