/**
 * The state of a run as named tensors, agent first: which word of which buffer each entry is. Padding has no name and
 * is 0. Needs no GPU: the layout follows from the configuration and from the structs declared in WGSL.
 */

import type { PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { isEvaluated } from '../env/evaluation'
import { wordsOfRow } from '../env/grid'
import { reflectStruct, type StructLayout, type Type } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { RETURN_WINDOW } from '../metrics'
import {
  criticDim,
  layoutNetwork,
  type NetworkLayout,
  type NetworkShape,
  networkShape,
  tensorsOf,
} from '../model/network'
import { isNormalising, normaliserLayout, normaliserStride } from '../model/normaliser'
import { planBuffers, planSizes } from '../plan/buffers'
import type { Snapshot } from '../plan/kept'
import { KEPT, type KeptBuffer } from '../plan/kept'
import { type KernelsWanted, linkKernel, type Stem } from '../plan/kernels'
import { structSizes } from '../plan/runplan'

export interface StateTensor {
  name: string
  dtype: 'F32' | 'U32' | 'I32'
  shape: number[]
  buffer: KeptBuffer
  /** The axes of `strides`, where those are more than in the file. */
  view?: number[]
  /** Bytes: offset of the first entry, and the stride of each axis. */
  offset: number
  strides: number[]
}

export interface StateLayout {
  tensors: StateTensor[]
  /** Bytes of the buffers. */
  sizes: Map<KeptBuffer, number>
}

/** Every tensor of the state of a run of `config` in `spec`. */
export function stateLayout(spec: EnvSpec, config: PpoConfig): StateLayout {
  const shape = networkShape(spec, config)
  const layout = layoutNetwork(shape)
  const sizes = planSizes(config, layout, false)
  const { numAgents, numEnvs, stopStride } = sizes
  const wanted: KernelsWanted = {
    ...{ shape, spec, plan: 'layered', quads: null, grid: null, givenOrder: false, overrides: {}, norm: config },
    scaleActions: config.scaleActions,
    rewards: config,
  }
  const planned = planBuffers(
    sizes,
    layout,
    structSizes(wanted),
    null,
    isNormalising(config),
    config.frameStack,
    isEvaluated(config),
  )
  /** One struct per agent, or one for each of its environments. */
  const structs = (buffer: KeptBuffer, prefix: string, stem: Stem, name: string, each: 'agent' | 'env') => {
    const code = linkKernel(stem, wanted)
    const struct = reflectStruct(code, name)
    const { size } = struct
    const envs = each === 'env' ? [{ length: numEnvs, stride: size }] : []
    const axes = [{ length: numAgents, stride: each === 'env' ? numEnvs * size : size }, ...envs]
    return structTensors(struct, { buffer, prefix, axes, offset: 0 })
  }
  /** All of `buffer`, as one tensor. */
  const whole = (buffer: KeptBuffer, dtype: 'F32' | 'U32', ...shape: number[]) => {
    const strides = shape.map((_, axis) => 4 * shape.slice(axis + 1).reduce((a, b) => a * b, 1))
    return { name: buffer, buffer, dtype, shape, offset: 0, strides }
  }
  /** The stacks of frames that the policy sees next. */
  const stacks = ({ observation }: NetworkShape): StateTensor => {
    const bytes = planned.get('frames')!
    const dtype = wordsOfRow(observation) > 0 ? 'U32' : 'F32'
    return whole('frames', dtype, numAgents, numEnvs, bytes / (4 * numAgents * numEnvs))
  }
  const agents = (stride: number): Axis => ({ length: numAgents, stride })
  const params = 4 * layout.paramStride
  const tensors = [
    ...parameterTensors(layout, 'parameters', '', agents(params), 0),
    ...parameterTensors(layout, 'moments', 'adam.m.', agents(2 * params), 0),
    ...parameterTensors(layout, 'moments', 'adam.v.', agents(2 * params), params),
    ...structs('progress', 'progress.', 'control', 'Progress', 'agent'),
    ...structs('env_states', 'env.', 'reset_envs', 'EnvState', 'env'),
    ...structs('episodes', 'episode.', 'episode_stats', 'Episode', 'env'),
    whole('stop', 'U32', numAgents, stopStride),
    whole('return_window', 'F32', numAgents, RETURN_WINDOW, 2),
    ...(config.frameStack > 1 ? [stacks(shape)] : []),
    ...(isNormalising(config) ? normaliserTensors(config, criticDim(shape)) : []),
    ...(isEvaluated(config) ? bestTensors(layout, config) : []),
  ]
  const kept = KEPT.filter((name) => planned.has(name))
  return { tensors, sizes: new Map(kept.map((name) => [name, Math.max(planned.get(name)!, 16)])) }
}

interface Axis {
  length: number
  /** Bytes. */
  stride: number
}

const tensor = (
  buffer: KeptBuffer,
  name: string,
  dtype: StateTensor['dtype'],
  offset: number,
  ...axes: Axis[]
): StateTensor => ({
  ...{ buffer, name, dtype, offset },
  shape: axes.map(({ length }) => length),
  strides: axes.map(({ stride }) => stride),
})

/** The network's tensors, named as in policy files. */
function parameterTensors(
  layout: NetworkLayout,
  buffer: KeptBuffer,
  prefix: string,
  agents: Axis,
  start: number,
): StateTensor[] {
  return tensorsOf(layout).map(({ name, shape, offset, view = shape, strides }) => {
    const axes = view.map((length, i) => ({ length, stride: 4 * strides[i] }))
    const inBuffer = tensor(buffer, prefix + name, 'F32', start + 4 * offset, agents, ...axes)
    return { ...inBuffer, shape: [agents.length, ...shape], view: inBuffer.shape }
  })
}

const DTYPES = { f32: 'F32', u32: 'U32', i32: 'I32' } as const

interface Place {
  buffer: KeptBuffer
  prefix: string
  axes: Axis[]
  offset: number
}

/**
 * One tensor per scalar field of the struct and of nested structs, such as `legs.angle`; arrays and vectors add axes.
 * An array of one element adds none, as in older files.
 */
function structTensors(struct: StructLayout, { prefix, offset, ...place }: Place): StateTensor[] {
  return struct.fields.flatMap(({ name, type, offset: at }) => {
    return typeTensors(type, { ...place, prefix: prefix + name, offset: offset + at })
  })
}

function typeTensors(type: Type, place: Place): StateTensor[] {
  const { buffer, prefix, axes, offset } = place
  switch (type.kind) {
    case 'struct':
      return structTensors(type, { ...place, prefix: `${prefix}.` })
    case 'array': {
      const axis = type.count > 1 ? [{ length: type.count, stride: type.stride }] : []
      return typeTensors(type.element, { ...place, axes: [...axes, ...axis] })
    }
    case 'vector':
      return [tensor(buffer, prefix, DTYPES[type.scalar], offset, ...axes, { length: type.width, stride: 4 })]
    case 'scalar':
      return [tensor(buffer, prefix, DTYPES[type.scalar], offset, ...axes)]
    case 'other':
      throw new Error(`${prefix}: ${type.name} is kept nowhere`) // reflectStruct refuses it
  }
}

/** The statistics under the names of policy files, then the moments of each environment. */
function normaliserTensors(config: PpoConfig, seenDim: number): StateTensor[] {
  const at = normaliserLayout(seenDim)
  const agents: Axis = { length: config.numAgents, stride: 4 * normaliserStride(seenDim, config.numEnvs) }
  const floats = (name: string, first: number, length: number) =>
    tensor('normaliser', `normaliser.${name}`, 'F32', 4 * first, agents, { length, stride: 4 })
  const envs: Axis[] = [
    { length: config.numEnvs, stride: 4 * at.envFloats },
    { length: at.envFloats, stride: 4 },
  ]
  return [
    ...(config.normObs
      ? [
          floats('obs.mean', at.obsMean, seenDim),
          floats('obs.variance', at.obsVar, seenDim),
          floats('obs.count', at.obsCount, 1),
        ]
      : []),
    ...(config.normReward
      ? [
          floats('returns.mean', at.returnMean, 1),
          floats('returns.variance', at.returnVar, 1),
          floats('returns.count', at.returnCount, 1),
        ]
      : []),
    floats('gamma', at.gamma, 1),
    tensor('normaliser', 'normaliser.envs', 'F32', 4 * at.agentFloats, agents, ...envs),
  ]
}

/** The best policy so far: its evaluation, and its weights and statistics under the names of policy files. */
function bestTensors(layout: NetworkLayout, config: PpoConfig): StateTensor[] {
  const { numAgents } = config
  const struct = reflectStruct(SHADERS.get('shaders/lib/data/evaluated.wgsl')!, 'Best')
  const agents = (stride: number): Axis => ({ length: numAgents, stride })
  const at = normaliserLayout(criticDim(layout.shape))
  const statistics = isNormalising(config)
    ? [
        tensor('best_statistics', 'best.statistics', 'F32', 0, agents(4 * at.agentFloats), {
          ...{ length: at.agentFloats, stride: 4 },
        }),
      ]
    : []
  return [
    ...structTensors(struct, { buffer: 'best', prefix: 'best.', axes: [agents(struct.size)], offset: 0 }),
    ...parameterTensors(layout, 'best_parameters', 'best.', agents(4 * layout.paramStride), 0),
    ...statistics,
  ]
}

/** The bits of a tensor, row-major. */
export function wordsOf(
  { shape, view = shape, strides, offset }: StateTensor,
  buffer: ArrayBuffer,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(shape.reduce((a, b) => a * b, 1))
  const all = new Uint32Array(buffer)
  forEachPlace(view, strides, offset, (place, i) => {
    words[i] = all[place]
  })
  return words
}

/** The inverse of `wordsOf`. */
export function putWords(
  { shape, view = shape, strides, offset }: StateTensor,
  words: Uint32Array,
  buffer: ArrayBuffer,
): void {
  const all = new Uint32Array(buffer)
  forEachPlace(view, strides, offset, (place, i) => {
    all[place] = words[i]
  })
}

/** Visits every entry, row-major, as (its word in the buffer, its flat index). */
function forEachPlace(shape: number[], strides: number[], offset: number, visit: (place: number, i: number) => void) {
  let i = 0
  const walk = (axis: number, at: number): void => {
    const stride = strides[axis] / 4
    const last = axis === shape.length - 1
    for (let k = 0; k < shape[axis]; k++) {
      if (last) visit(at + k * stride, i++)
      else walk(axis + 1, at + k * stride)
    }
  }
  walk(0, offset / 4)
}

/** Buffers of zeros, to be filled. */
export const emptyBuffers = ({ sizes }: StateLayout): Snapshot['buffers'] =>
  Object.fromEntries([...sizes].map(([name, size]) => [name, new ArrayBuffer(size)]))
