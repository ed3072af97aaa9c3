/** The fluid around a robot: what the kernel needs of MuJoCo's model of boxes with the bodies' inertia. */
import { framesOf, plus } from './frames'
import type { PlanarModel, Vec2 } from './model'

export interface FluidBody {
  frame: number
  /** Centre of mass, and an axis of the box, in the frame. */
  at: Vec2
  axis: Vec2
  /** Force per velocity, torque per angular velocity. */
  viscous: readonly [number, number]
  /** Force per squared velocity along the axis and across it; torque per squared angular velocity. */
  drag: readonly [number, number, number]
}

/** The bodies that feel the fluid; none without one. */
export function fluidOf(model: PlanarModel): FluidBody[] {
  const { density, viscosity } = model
  if (density === 0 && viscosity === 0) return []
  const { bodies } = framesOf(model)
  return model.bodies.flatMap(({ name, mass, com, inertia, principal }, b) => {
    const { frame, origin } = bodies[b]
    if (mass === 0 || frame < 0) return []
    if (!principal)
      throw new Error(`planar robot ${model.name}: ${name} is in a fluid and has no \`principal\`. Give it.`)
    const { axis, along, across } = principal
    const side = (moment: number): number => Math.sqrt((Math.max(1e-15, moment) / mass) * 6)
    const length = side(across + inertia - along)
    const width = side(along + inertia - across)
    const depth = side(along + across - inertia)
    const diameter = (length + width + depth) / 3
    return {
      ...{ frame, at: plus(origin, com), axis },
      viscous: [3 * Math.PI * diameter * viscosity, Math.PI * diameter ** 3 * viscosity] as const,
      drag: [
        0.5 * density * width * depth,
        0.5 * density * length * depth,
        (density * depth * (length ** 4 + width ** 4)) / 64,
      ] as const,
    }
  })
}
