/**
 * Positions that a recording does not hold. MuJoCo does not compute positions again after a step, so Gymnasium's v4 rule
 * for Reacher rewards where the fingertip was at the last evaluation of the forces of the step before. That step is not in
 * the file, but positions, velocities and accelerations after it are: enough equations for what they were before it, and
 * for the action.
 */
import { advance } from '../../envs/planar/integrate'
import { kinematics, placed } from '../../envs/planar/kinematics'
import type { PlanarModel } from '../../envs/planar/model'
import { type PlanarState, stateAt } from '../../envs/planar/state'

const ITERATIONS = 30
/** Of the differences that the derivatives are made of. */
const STEP = 1e-6
/** Controls to start from. */
const STARTS = [0, -0.9, 0.9]
const ENOUGH = 1e-12
/** Above it there was no solution, or two that differ. */
const SURE = 1e-9

type After = { q: readonly number[]; v: readonly number[]; w: readonly number[] }

/**
 * The sites that the state after a step keeps; after a reset, when the warm start is 0, those of its positions. Null where
 * they cannot be found, or not for certain: a joint hit its limit in that step.
 */
export function sitesBefore(model: PlanarModel, { q, v, w }: After): number[] | null {
  if (w.every((x) => x === 0)) {
    const { bodies } = kinematics(model, q, v)
    return model.sites.flatMap(({ body, position }) => [...placed(bodies[body], position)])
  }
  // What acted on the motors is looked for: without ranges, so that it can change.
  const actuators = model.actuators.map((one) => ({ ...one, range: [-Infinity, Infinity] as const }))
  const single = { ...model, frameSkip: 1, actuators }
  const moving = model.actuators.map(({ joint }) => joint)
  const n = moving.length
  // Unknown: positions and velocities of the joints with motors before the last substep, and the controls.
  const step = (unknown: readonly number[]): PlanarState => {
    const [qpos, qvel] = [[...q], [...v]]
    moving.forEach((joint, i) => {
      qpos[joint] = unknown[i]
      qvel[joint] = unknown[n + i]
    })
    const state = stateAt(model, qpos, qvel)
    advance(single, state, unknown.slice(2 * n))
    return state
  }
  const h = model.timestep
  /** As accelerations. */
  const residual = (unknown: readonly number[]): number[] => {
    const { qpos, qvel, warmstart } = step(unknown)
    return [
      ...moving.map((joint) => (qpos[joint] - q[joint]) / (h * h)),
      ...moving.map((joint) => (qvel[joint] - v[joint]) / h),
      ...moving.map((joint) => warmstart[joint] - w[joint]),
    ]
  }
  const within = (unknown: readonly number[]): boolean =>
    model.actuators.every(({ range: [low, high] }, i) => {
      const control = unknown[2 * n + i]
      return control > low - SURE && control < high + SURE
    })
  const first = [...moving.map((j) => q[j] - h * v[j]), ...moving.map((j) => v[j] - h * w[j])]
  const found = STARTS.flatMap((control) => {
    const solution = newton([...first, ...moving.map(() => control)], residual, ENOUGH * Math.max(1, norm(w)))
    const isOne = norm(residual(solution)) <= SURE * Math.max(1, norm(w)) && within(solution)
    return isOne ? [step(solution).sites ?? []] : []
  })
  const isSame = (sites: number[]): boolean => sites.every((x, i) => Math.abs(x - found[0][i]) < SURE)
  return found.length > 0 && found.every(isSame) ? found[0] : null
}

/** A zero of `residual` near `start`, as far as Newton's method gets. */
function newton(start: number[], residual: (unknown: readonly number[]) => number[], enough: number): number[] {
  let unknown = start
  let error = residual(unknown)
  for (let i = 0; i < ITERATIONS && norm(error) > enough; i++) {
    const columns = unknown.map((_, k) => {
      const ends = [STEP, -STEP].map((by) => residual(unknown.map((x, l) => (l === k ? x + by : x))))
      return ends[0].map((x, l) => (x - ends[1][l]) / (2 * STEP))
    })
    const change = solve(columns, error)
    // A joint at its limit makes a kink: shorter steps lead around it.
    let share = 1
    for (; share > 1e-6; share /= 2) {
      const tried = unknown.map((x, k) => x - share * change[k])
      const left = residual(tried)
      if (norm(left) >= norm(error)) continue
      ;[unknown, error] = [tried, left]
      break
    }
    if (share <= 1e-6) break
  }
  return unknown
}

const norm = (x: readonly number[]): number => Math.hypot(...x)

/** Solves sum over k of columns[k] x[k] = right, by Gauss's elimination with the largest pivot. */
function solve(columns: number[][], right: number[]): number[] {
  const n = right.length
  const rows = right.map((value, i) => [...columns.map((column) => column[i]), value])
  for (let k = 0; k < n; k++) {
    const pivot = rows.slice(k).reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k)
    ;[rows[k], rows[pivot]] = [rows[pivot], rows[k]]
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k]
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j]
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let k = n - 1; k >= 0; k--) {
    x[k] = (rows[k][n] - rows[k].slice(k + 1, n).reduce((sum, a, j) => sum + a * x[k + 1 + j], 0)) / rows[k][k]
  }
  return x
}
