import { solveInPlace } from './cholesky'
import { type Forward, forward } from './forward'
import { placed } from './kinematics'
import type { PlanarModel } from './model'
import type { PlanarState } from './state'

/** A step of the environment: `frameSkip` steps of the integrator with the same control. */
export function advance(model: PlanarModel, state: PlanarState, ctrl: ArrayLike<number>): void {
  for (let i = 0; i < model.frameSkip; i++) {
    const last = model.integrator === 'euler' ? euler(model, state, ctrl) : rungeKutta(model, state, ctrl)
    state.warmstart = [...last.qacc]
    keep(model, state, last)
  }
}

/** Stores what the state keeps of an evaluation of the forces. */
export function keep({ sites }: PlanarModel, state: PlanarState, { kinematics, qfrcConstraint }: Forward): void {
  if (state.sites) state.sites = sites.flatMap(({ body, position }) => [...placed(kinematics.bodies[body], position)])
  if (state.constraint_force) state.constraint_force = [...qfrcConstraint]
}

/**
 * Semi-implicit Euler with implicit joint damping: (M + h B) a = all forces, then v += h a, q += h v (MuJoCo's mj_Euler).
 */
function euler(model: PlanarModel, state: PlanarState, ctrl: ArrayLike<number>): Forward {
  const h = model.timestep
  const found = forward(model, state.qpos, state.qvel, ctrl, state.warmstart)
  const { M, qfrcBias, qfrcPassive, qfrcActuator, qfrcConstraint } = found
  const damped = M.slice()
  const nv = model.joints.length
  model.joints.forEach(({ damping }, j) => {
    damped[j * nv + j] += h * damping
  })
  const acc = solveInPlace(
    damped,
    qfrcPassive.map((force, j) => force - qfrcBias[j] + qfrcActuator[j] + qfrcConstraint[j]),
  )
  state.qvel = state.qvel.map((v, j) => v + h * acc[j])
  state.qpos = state.qpos.map((q, j) => q + h * state.qvel[j])
  return found
}

/** The classical method of fourth order. The solver of each stage starts from the same warm start, the state's. */
function rungeKutta(model: PlanarModel, state: PlanarState, ctrl: ArrayLike<number>): Forward {
  const h = model.timestep
  const { qpos, qvel, warmstart } = state
  let found = forward(model, qpos, qvel, ctrl, warmstart)
  let velocity = qvel
  const change = [...qvel]
  const changeVelocity = [...found.qacc]
  for (const { node, weight } of STAGES) {
    const { qacc } = found
    const along = velocity
    const place = qpos.map((q, j) => q + node * h * along[j])
    velocity = qvel.map((v, j) => v + node * h * qacc[j])
    found = forward(model, place, velocity, ctrl, warmstart)
    for (let j = 0; j < qpos.length; j++) {
      change[j] += weight * velocity[j]
      changeVelocity[j] += weight * found.qacc[j]
    }
  }
  state.qpos = qpos.map((q, j) => q + (h / 6) * change[j])
  state.qvel = qvel.map((v, j) => v + (h / 6) * changeVelocity[j])
  return found
}

/** Where the stages after the first are, in steps, and their weights in sixths. */
const STAGES = [
  { node: 0.5, weight: 2 },
  { node: 0.5, weight: 2 },
  { node: 1, weight: 1 },
]
