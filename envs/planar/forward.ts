import { dotProduct, solveInPlace } from './cholesky'
import { contactRows, limitRows, type Row } from './constraints'
import { type Contact, findContacts } from './contacts'
import { biasForce, massMatrix } from './dynamics'
import { type Kinematics, kinematics } from './kinematics'
import type { PlanarModel } from './model'
import { solveNewton } from './newton'
import { passiveForce } from './passive'

/** Everything that one evaluation of the forces computes; names are MuJoCo's, in camel case. */
export interface Forward {
  kinematics: Kinematics
  /** Mass matrix [nv][nv]. */
  M: Float64Array
  qfrcBias: Float64Array
  qfrcPassive: Float64Array
  qfrcActuator: Float64Array
  /** Acceleration without constraints. */
  qaccSmooth: Float64Array
  contacts: Contact[]
  /** Rows of the constraints: limits, then contacts; and the force of each. */
  rows: Row[]
  efcForce: Float64Array
  /** The constraints' forces on the joints. */
  qfrcConstraint: Float64Array
  qacc: Float64Array
}

/** Accelerations and all that leads to them, as in MuJoCo's mj_forward. `ctrl` is clamped to the actuators' ranges. */
export function forward(
  model: PlanarModel,
  qpos: ArrayLike<number>,
  qvel: ArrayLike<number>,
  ctrl: ArrayLike<number>,
  warmstart: ArrayLike<number>,
): Forward {
  const moving = kinematics(model, qpos, qvel)
  const M = massMatrix(model, moving)
  const qfrcBias = biasForce(model, moving, qvel)
  const qfrcPassive = passiveForce(model, moving, qpos, qvel)
  const qfrcActuator = actuatorForce(model, ctrl)
  const qaccSmooth = solveInPlace(
    M.slice(),
    qfrcPassive.map((force, j) => force - qfrcBias[j] + qfrcActuator[j]),
  )
  const contacts = findContacts(model, moving)
  const rows = limitRows(model, qpos, qvel)
  for (const contact of contacts) rows.push(...contactRows(model, moving, contact, qvel))
  const qacc = solveNewton(M, qaccSmooth, rows, warmstart)
  const efcForce = Float64Array.from(rows, ({ J, D, aref }) => -D * Math.min(0, dotProduct(J, qacc) - aref))
  const qfrcConstraint = new Float64Array(M.length / qacc.length)
  rows.forEach(({ J }, i) => {
    for (let j = 0; j < J.length; j++) qfrcConstraint[j] += J[j] * efcForce[i]
  })
  return {
    kinematics: moving,
    M,
    qfrcBias,
    qfrcPassive,
    qfrcActuator,
    qaccSmooth,
    contacts,
    rows,
    efcForce,
    qfrcConstraint,
    qacc,
  }
}

function actuatorForce({ joints, actuators }: PlanarModel, ctrl: ArrayLike<number>): Float64Array {
  const force = new Float64Array(joints.length)
  actuators.forEach(({ joint, gear, range: [low, high] }, i) => {
    force[joint] += gear * Math.min(high, Math.max(low, ctrl[i]))
  })
  return force
}
