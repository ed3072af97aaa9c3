/** The intermediate quantities of one evaluation of the forces, ours and recorded ones, as lists to compare. */
import { solveInPlace } from '../../envs/planar/cholesky'
import type { Forward } from '../../envs/planar/forward'
import type { PlanarModel } from '../../envs/planar/model'
import { solveNewton } from '../../envs/planar/newton'
import { errorOf } from './planarerrors'
import type { PlanarForward } from './planarfile'

export const FIELDS = [
  ...['xpos', 'M', 'qfrc_bias', 'qfrc_passive', 'qfrc_actuator', 'qacc_smooth'],
  ...['contacts', 'friction', 'efc_type', 'efc_pos', 'efc_J', 'efc_D', 'efc_aref', 'efc_force', 'qacc'],
] as const
export type ForwardField = (typeof FIELDS)[number]
/** Each field's numbers; `contacts` are distances and points, `friction` coefficients and dimensions. */
export type ForwardNumbers = Record<ForwardField, number[]>
/** Those of the kernel: it keeps no points in space. */
export type KernelNumbers = Omit<ForwardNumbers, 'contacts' | 'xpos'>

/** MuJoCo's numbers for a joint's limit, a contact without friction, an edge of the pyramid of friction. */
const TYPES = { limit: 3, frictionless: 5, pyramid: 6 } as const
/** Rows of a contact with friction. */
const EDGES = 4

/** In the recording's plane: robots with weight stand in that of x and z, the others lie in that of x and y. */
const plane = (model: PlanarModel, [x, y, z]: readonly number[]): number[] =>
  model.gravity.some((g) => g !== 0) ? [x, z] : [x, y]

/** The recorded numbers, without the world's position. */
export function recordedNumbers(model: PlanarModel, entry: PlanarForward): ForwardNumbers {
  const { M, qfrc_bias, qfrc_passive, qfrc_actuator, qacc_smooth, qacc } = entry
  const { efc_type, efc_pos, efc_J, efc_D, efc_aref, efc_force } = entry
  return {
    xpos: model.bodies.flatMap((_, b) => plane(model, entry.xpos.slice(3 * (b + 1), 3 * (b + 2)))),
    contacts: entry.contacts.flatMap(({ dist, pos }) => [dist, ...plane(model, pos)]),
    friction: entry.contacts.flatMap(({ mu, dim }) => [dim === 1 ? 0 : mu, dim]),
    ...{ M, qfrc_bias, qfrc_passive, qfrc_actuator, qacc_smooth, qacc },
    ...{ efc_type, efc_pos, efc_J, efc_D, efc_aref, efc_force },
  }
}

/** Ours, in the same form. */
export function ownNumbers(found: Forward): ForwardNumbers {
  const { kinematics, M, qfrcBias, qfrcPassive, qfrcActuator, qaccSmooth, contacts, rows, efcForce, qacc } = found
  return {
    xpos: kinematics.bodies.flatMap(({ origin }) => [...origin]),
    M: [...M],
    qfrc_bias: [...qfrcBias],
    qfrc_passive: [...qfrcPassive],
    qfrc_actuator: [...qfrcActuator],
    qacc_smooth: [...qaccSmooth],
    contacts: contacts.flatMap(({ distance, position }) => [distance, ...position]),
    friction: contacts.flatMap(({ surface: { friction, condim } }) => [condim === 1 ? 0 : friction, condim]),
    efc_type: rows.map(({ kind }) => TYPES[kind]),
    efc_pos: rows.map(({ position }) => position),
    efc_J: rows.flatMap(({ J }) => [...J]),
    efc_D: rows.map(({ D }) => D),
    efc_aref: rows.map(({ aref }) => aref),
    efc_force: [...efcForce],
    qacc: [...qacc],
  }
}

/**
 * `own` with the first two edges of each contact swapped where that is nearer to `wanted`: which of the two directions
 * along the floor comes first means nothing.
 */
export function alikeRows<T extends KernelNumbers>(own: T, wanted: ForwardNumbers): T {
  const n = wanted.efc_type.length
  if (own.efc_type.length !== n || n === 0) return own
  const nv = wanted.efc_J.length / n
  const distance = (i: number, k: number): number => {
    let most = 0
    for (let j = 0; j < nv; j++) most = Math.max(most, errorOf(own.efc_J[i * nv + j], wanted.efc_J[k * nv + j]))
    return most
  }
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = 0; i + EDGES <= n; i++) {
    if (wanted.efc_type[i] !== TYPES.pyramid) continue
    if (distance(i, i + 1) < distance(i, i)) [order[i], order[i + 1]] = [i + 1, i]
    i += EDGES - 1
  }
  const rows = (list: number[], width = 1) => order.flatMap((i) => list.slice(i * width, (i + 1) * width))
  return {
    ...own,
    efc_J: rows(own.efc_J, nv),
    ...{ efc_pos: rows(own.efc_pos), efc_D: rows(own.efc_D), efc_aref: rows(own.efc_aref) },
    efc_force: rows(own.efc_force),
  }
}

/** `found` with its mass matrix, forces and rows rounded to f32, and solved again in float64. */
export function rounded(found: Forward): Forward {
  const round = (list: Float64Array): Float64Array => list.map(Math.fround)
  const M = round(found.M)
  const [bias, passive, actuator] = [found.qfrcBias, found.qfrcPassive, found.qfrcActuator].map(round)
  const qaccSmooth = solveInPlace(
    M.slice(),
    passive.map((force, j) => Math.fround(force - bias[j] + actuator[j])),
  )
  const rows = found.rows.map((row) => ({
    ...row,
    J: round(row.J),
    ...{ position: Math.fround(row.position), D: Math.fround(row.D), aref: Math.fround(row.aref) },
  }))
  const qacc = round(solveNewton(M, round(qaccSmooth), rows, new Float64Array(qaccSmooth.length)))
  const efcForce = Float64Array.from(rows, ({ J, D, aref }) => {
    return (
      -D *
      Math.min(
        0,
        J.reduce((sum, x, j) => sum + x * qacc[j], -aref),
      )
    )
  })
  return { ...found, M, qfrcBias: bias, qfrcPassive: passive, qfrcActuator: actuator, qaccSmooth, rows, qacc, efcForce }
}
