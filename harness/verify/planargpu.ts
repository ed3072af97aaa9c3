/** Planar robots on the GPU: single steps, and the intermediate quantities of single evaluations of the forces. */
import { probeModules } from '../../envs/planar/probe'
import type { PlanarState } from '../../envs/planar/state'
import { resolveConfig } from '../../src/config/config'
import { type EnvSpec, obsDim } from '../../src/env/contract'
import { numberOf, readState, stateWords, writeWord } from '../../src/envcheck/state'
import { link, type Slot } from '../../src/gpu/link'
import type { RunKernel } from '../../src/gpu/once'
import { readStruct, reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { recordLayout } from '../../src/plan/transition'
import type { PlanarGolden } from './planarfile'
import type { KernelNumbers } from './planarforward'

/** What a step gave. */
export interface Stepped {
  states: ArrayLike<number>
  obs: ArrayLike<number>
  reward: number
  terminated: number
}

interface Start {
  start: object
  action: readonly number[]
}

/** One step of the environment from each state; the states after it, observations, rewards, ends. */
async function replay(spec: EnvSpec, rows: readonly Start[], run: RunKernel) {
  const shape = networkShape(spec, resolveConfig({}, {}))
  const record = recordLayout(shape)
  const slots = { ...policySlots(shape), ...envSlots(spec, { clip: false }) }
  const { code } = link('shaders/replay_envs.wgsl', SHADERS, slots)
  const words = stateWords(code)
  const size = reflectStruct(code, 'EnvState').size / 4
  const states = new Uint32Array(rows.length * size)
  const records = new Float32Array(rows.length * record.stride)
  for (const [i, { start, action }] of rows.entries()) {
    for (const word of words) writeWord(word, states, i * size, numberOf(start, word) ?? 0)
    records.set(action, i * record.stride + record.action)
  }
  const after = await run({
    stem: 'replay_envs',
    slots,
    args: { count: rows.length, seed: 0 },
    buffers: {
      transitions: records,
      env_states: states,
      next_obs: new Float32Array(rows.length * obsDim(spec)),
      draws: new Uint32Array(rows.length),
      ...(spec.params ? { hyper: paramRecords(code, spec, {}) } : {}),
    },
    outputs: ['transitions', 'env_states', 'next_obs'],
    workgroups: [Math.ceil(rows.length / 64), 1, 1],
  })
  const at = (i: number, field: number) => after.transitions[i * record.stride + field]
  return rows.map((_, i) => ({
    state: readState(words, after.env_states as Uint32Array, i * size),
    obs: (after.next_obs as Float32Array).subarray(i * obsDim(spec), (i + 1) * obsDim(spec)),
    reward: at(i, record.reward),
    terminated: at(i, record.flags),
  }))
}

export async function stepOnGpu(spec: EnvSpec, rows: readonly Start[], run: RunKernel): Promise<Stepped[]> {
  const results = await replay(spec, rows, run)
  return results.map(({ state, ...others }) => {
    const { qpos, qvel } = state as unknown as PlanarState
    return { states: [...qpos, ...qvel], ...others }
  })
}

/** A limit, and a contact, of `Probe` in envs/planar/probe.wgsl. */
type Limit = Record<'side' | 'distance' | 'stiffness' | 'targetAcceleration' | 'force', number>
type Contact = Record<'alongNormal' | 'alongTangent', number[]> &
  Record<'distance' | 'friction' | 'stiffness' | 'targetNormal' | 'targetTangent', number> &
  Record<'forcePlus' | 'forceMinus' | 'forceStraight', number>
interface Probed extends Record<'bias' | 'passive' | 'motors' | 'qaccSmooth' | 'qacc', number[]> {
  /** Lower triangle. */
  mass: number[][]
  limits: Limit[]
  floor: Contact[]
  pairs: Contact[]
}

/** The recorded evaluations in the kernel. */
export async function evaluateOnGpu({ model, forward }: PlanarGolden, run: RunKernel): Promise<KernelNumbers[]> {
  const slots: Record<string, Slot> = probeModules(model)
  const { code } = link('shaders/planar_probe.wgsl', SHADERS, slots)
  const layout = reflectStruct(code, 'Probe')
  const { probes } = await run({
    stem: 'planar_probe',
    slots,
    args: { count: forward.length },
    buffers: {
      inputs: Float32Array.from(forward.flatMap(({ q, v }) => [...q, ...v, ...q.map(() => 0)])),
      controls: Float32Array.from(forward.flatMap(({ ctrl }) => ctrl)),
      probes: new Uint32Array((forward.length * layout.size) / 4),
    },
    outputs: ['probes'],
    workgroups: [Math.ceil(forward.length / 64), 1, 1],
  })
  const view = new DataView(probes.buffer, probes.byteOffset)
  return forward.map((_, i) => numbersOf(readStruct(layout, view, i * layout.size) as unknown as Probed))
}

/** A row of the constraints, with MuJoCo's number of its kind. */
interface Row {
  type: number
  J: number[]
  position: number
  D: number
  aref: number
  force: number
}

const inReach = ({ stiffness }: { stiffness: number }): boolean => stiffness > 0

function limitRow({ side, distance, stiffness, targetAcceleration, force }: Limit, j: number, nv: number): Row {
  const J = Array.from({ length: nv }, (_, k) => (k === j ? side : 0))
  return { type: 3, J, position: distance, D: stiffness, aref: targetAcceleration, force }
}

/** Four edges of the pyramid: two lean along the tangent, two are the normal; or one row without friction. */
function contactRows(c: Contact): Row[] {
  const row = (type: number, lean: number, D: number, force: number): Row => ({
    ...{ type, position: c.distance, D, force, aref: c.targetNormal + lean * c.targetTangent },
    J: c.alongNormal.map((n, j) => n + lean * c.alongTangent[j]),
  })
  if (c.friction === 0) return [row(5, 0, 4 * c.stiffness, 4 * c.forceStraight)]
  const straight = row(6, 0, c.stiffness, c.forceStraight)
  const leaning = [row(6, c.friction, c.stiffness, c.forcePlus), row(6, -c.friction, c.stiffness, c.forceMinus)]
  return [...leaning, straight, straight]
}

function numbersOf({ mass, bias, passive, motors, qaccSmooth, limits, floor, pairs, qacc }: Probed): KernelNumbers {
  const contacts = [...floor, ...pairs].filter(inReach)
  const nv = qacc.length
  const rows = [
    ...limits.flatMap((limit, j) => (inReach(limit) ? [limitRow(limit, j, nv)] : [])),
    ...contacts.flatMap(contactRows),
  ]
  return {
    M: mass.flatMap((_, i) => mass.map((_, j) => mass[Math.max(i, j)][Math.min(i, j)])),
    ...{ qfrc_bias: bias, qfrc_passive: passive, qfrc_actuator: motors, qacc_smooth: qaccSmooth, qacc },
    friction: contacts.flatMap(({ friction }) => [friction, friction === 0 ? 1 : 3]),
    efc_type: rows.map(({ type }) => type),
    efc_pos: rows.map(({ position }) => position),
    efc_J: rows.flatMap(({ J }) => J),
    efc_D: rows.map(({ D }) => D),
    efc_aref: rows.map(({ aref }) => aref),
    efc_force: rows.map(({ force }) => force),
  }
}
