import { chainOf, column, dot, type Kinematics, perp, turned } from './kinematics'
import type { PlanarBody, PlanarModel, Vec2 } from './model'

/** Springs, dampers and the fluid: MuJoCo's qfrc_passive. */
export function passiveForce(
  model: PlanarModel,
  moving: Kinematics,
  qpos: ArrayLike<number>,
  qvel: ArrayLike<number>,
): Float64Array {
  const force = new Float64Array(model.joints.length)
  model.joints.forEach(({ stiffness, springRef, damping }, j) => {
    force[j] = -stiffness * (qpos[j] - springRef) - damping * qvel[j]
  })
  if (model.density > 0 || model.viscosity > 0) addFluid(model, moving, force)
  return force
}

/** Sides of the box with a body's mass and moments of inertia: along its principal axis, across it, and off the plane. */
export function equivalentBox({ name, mass, inertia, principal }: PlanarBody): [number, number, number] {
  if (!principal) {
    throw new Error(
      `planar: body ${name} is in a fluid and has no principal moments of inertia. Give it \`principal\`.`,
    )
  }
  const { along, across } = principal
  const side = (rest: number): number => Math.sqrt((Math.max(1e-15, rest) / mass) * 6)
  return [side(across + inertia - along), side(along + inertia - across), side(along + across - inertia)]
}

/**
 * MuJoCo's fluid forces of the equivalent inertia box: Stokes' law for a sphere of the box's mean diameter, and a drag
 * with the square of the velocity on each pair of faces. They act at the centre of mass.
 */
function addFluid(model: PlanarModel, moving: Kinematics, force: Float64Array): void {
  const { density, viscosity } = model
  model.bodies.forEach((body, b) => {
    const [along, across, off] = equivalentBox(body)
    const { com, comVelocity, spin, cos, sin } = moving.bodies[b]
    const axis = turned({ cos, sin }, body.principal!.axis)
    const normal = perp(axis)
    const diameter = (along + across + off) / 3
    const resist = (speed: number, area: number): number =>
      -3 * Math.PI * diameter * viscosity * speed - 0.5 * density * area * Math.abs(speed) * speed
    const forceAlong = resist(dot(comVelocity, axis), across * off)
    const forceAcross = resist(dot(comVelocity, normal), along * off)
    const torque =
      -Math.PI * diameter ** 3 * viscosity * spin -
      (density * off * (along ** 4 + across ** 4) * Math.abs(spin) * spin) / 64
    const total: Vec2 = [forceAlong * axis[0] + forceAcross * normal[0], forceAlong * axis[1] + forceAcross * normal[1]]
    for (const j of chainOf(model, b)) {
      const joint = model.joints[j]
      force[j] += dot(column(model, moving, j, com), total) + (joint.kind === 'hinge' ? joint.sense * torque : 0)
    }
  })
}
