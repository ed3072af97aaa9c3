/** Recordings of the seven MuJoCo tasks, in plane coordinates. */
import { readFileSync } from 'node:fs'
import { HALF_CHEETAH } from '../../envs/half_cheetah/model'
import { HOPPER } from '../../envs/hopper/model'
import { INVERTED_DOUBLE_PENDULUM } from '../../envs/inverted_double_pendulum/model'
import { INVERTED_PENDULUM } from '../../envs/inverted_pendulum/model'
import { forward } from '../../envs/planar/forward'
import { keep } from '../../envs/planar/integrate'
import type { PlanarModel } from '../../envs/planar/model'
import { type PlanarState, stateAt } from '../../envs/planar/state'
import { REACHER } from '../../envs/reacher/model'
import { SWIMMER } from '../../envs/swimmer/model'
import { WALKER2D } from '../../envs/walker2d/model'

/** See test/golden/README.md. */
export interface PlanarGolden {
  /** q, v, w: before the step; a: action; q2, v2: after it; o, r, te: observation, reward, terminated; r4: reward of v4. */
  transitions: Record<'q' | 'v' | 'w' | 'a' | 'q2' | 'v2' | 'o', number[][]> & {
    r: number[]
    r4?: number[]
    te: number[]
    /** What Gymnasium reads of MuJoCo's data: tip site and constraint forces, or fingertip minus target. */
    aux: ({ tip: number[]; qfc: number[]; vec?: undefined } | { vec: number[]; tip?: undefined } | null)[]
  }
  forward: (Record<
    | ('q' | 'v' | 'ctrl' | 'M' | 'qfrc_bias' | 'qfrc_passive' | 'qfrc_actuator' | 'qacc_smooth')
    | ('efc_type' | 'efc_J' | 'efc_pos' | 'efc_D' | 'efc_aref' | 'efc_force' | 'qacc' | 'xpos'),
    number[]
  > & { contacts: { g: number[]; dist: number; pos: number[]; dim: number; fr: number[] }[] })[]
}

export interface PlanarTask {
  id: string
  model: PlanarModel
  /** Of three coordinates, the two of the plane. */
  plane: [number, number]
}

const XZ: PlanarTask['plane'] = [0, 2]
const XY: PlanarTask['plane'] = [0, 1]

export const PLANAR_TASKS: PlanarTask[] = [
  { id: 'HalfCheetah-v5', model: HALF_CHEETAH, plane: XZ },
  { id: 'Hopper-v5', model: HOPPER, plane: XZ },
  { id: 'Walker2d-v5', model: WALKER2D, plane: XZ },
  { id: 'Swimmer-v5', model: SWIMMER, plane: XY },
  { id: 'Reacher-v5', model: REACHER, plane: XY },
  { id: 'InvertedPendulum-v5', model: INVERTED_PENDULUM, plane: XZ },
  { id: 'InvertedDoublePendulum-v5', model: INVERTED_DOUBLE_PENDULUM, plane: XZ },
]

export const readPlanar = (id: string): PlanarGolden =>
  JSON.parse(readFileSync(new URL(`../golden/${id}.json`, import.meta.url), 'utf8'))

/** |x - x*| / max(1, |x*|), the largest of a list; infinite where the lengths differ or a number is not finite. */
export function planarError(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]))
    if (!(error <= most)) most = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
  }
  return most
}

/** The state with these positions and velocities, and what follows from them. */
export function planarStateAt(model: PlanarModel, qpos: number[], qvel: number[], warmstart?: number[]): PlanarState {
  const state = stateAt(model, qpos, qvel)
  const still = model.actuators.map(() => 0)
  keep(model, state, forward(model, qpos, qvel, still, state.warmstart))
  return { ...state, warmstart: warmstart ?? state.warmstart }
}
