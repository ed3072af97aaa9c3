import { chainOf, column, dot, type Kinematics, perp, scale, subtract } from './kinematics'
import type { PlanarModel, Vec2 } from './model'

/** The mass matrix [nv][nv]: sum over bodies of m Jv^T Jv + I Jw^T Jw at the centres of mass, and the armature. */
export function massMatrix(model: PlanarModel, moving: Kinematics): Float64Array {
  const nv = model.joints.length
  const M = new Float64Array(nv * nv)
  model.joints.forEach(({ armature }, j) => {
    M[j * nv + j] = armature
  })
  model.bodies.forEach(({ mass, inertia }, b) => {
    const chain = chainOf(model, b)
    const columns = chain.map((j) => column(model, moving, j, moving.bodies[b].com))
    chain.forEach((i, k) => {
      for (let l = 0; l <= k; l++) {
        const j = chain[l]
        const entry = mass * dot(columns[k], columns[l]) + inertia * turn(model, i) * turn(model, j)
        M[i * nv + j] += entry
        if (i !== j) M[j * nv + i] += entry
      }
    })
  })
  return M
}

/** Angular velocity for a unit velocity of joint `j`. */
function turn({ joints }: PlanarModel, j: number): number {
  const joint = joints[j]
  return joint.kind === 'slide' ? 0 : joint.sense
}

/**
 * Coriolis, centrifugal and gravity forces, MuJoCo's qfrc_bias: sum over bodies of Jv^T m (a0 - g), where a0 is the
 * acceleration of the centre of mass while the joints' velocities stay the same.
 */
export function biasForce(model: PlanarModel, moving: Kinematics, qvel: ArrayLike<number>): Float64Array {
  const bias = new Float64Array(model.joints.length)
  model.bodies.forEach(({ mass }, b) => {
    const { com, comVelocity } = moving.bodies[b]
    const chain = chainOf(model, b)
    let x = -model.gravity[0]
    let y = -model.gravity[1]
    for (const j of chain) {
      const change = columnRate(model, moving, j, comVelocity)
      x += change[0] * qvel[j]
      y += change[1] * qvel[j]
    }
    const force: Vec2 = [mass * x, mass * y]
    for (const j of chain) bias[j] += dot(column(model, moving, j, com), force)
  })
  return bias
}

/** How fast the column of joint `j` changes for a point with this velocity. */
function columnRate({ joints }: PlanarModel, { joints: moving }: Kinematics, j: number, velocity: Vec2): Vec2 {
  const joint = joints[j]
  return joint.kind === 'slide' ? moving[j].rate : scale(perp(subtract(velocity, moving[j].rate)), joint.sense)
}
