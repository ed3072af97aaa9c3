import type { CapsuleDescription } from './description'
import { add, dot, perp, scale, subtract } from './kinematics'
import type { PlanarBody, Vec2 } from './model'

type MassProperties = Required<Pick<PlanarBody, 'mass' | 'com' | 'inertia' | 'principal'>>

interface Part {
  mass: number
  centre: Vec2
  axis: Vec2
  /** Moments of inertia about the axis, and about a line across it, at the centre. */
  along: number
  across: number
}

/** A capsule: a cylinder and two half spheres. */
function partOf({ ends: [a, b], radius, density = 1000 }: CapsuleDescription): Part {
  const between = subtract(a, b)
  const height = Math.hypot(between[0], between[1])
  const sphere = density * (4 / 3) * Math.PI * radius ** 3
  const cylinder = density * Math.PI * radius ** 2 * height
  const ball = (2 / 5) * sphere * radius ** 2
  return {
    mass: sphere + cylinder,
    centre: scale(add(a, b), 0.5),
    axis: height > 0 ? scale(between, 1 / height) : [1, 0],
    along: (cylinder * radius ** 2) / 2 + ball,
    across:
      (cylinder * (3 * radius ** 2 + height ** 2)) / 12 + ball + (sphere * height * (3 * radius + 2 * height)) / 8,
  }
}

/** Mass, centre and moments of inertia of a body made of capsules; without capsules all are 0. */
export function massOf(capsules: readonly CapsuleDescription[]): MassProperties {
  const parts = capsules.map(partOf)
  const mass = parts.reduce((sum, part) => sum + part.mass, 0)
  if (mass === 0) return { mass, com: [0, 0], inertia: 0, principal: { axis: [1, 0], along: 0, across: 0 } }
  const com = scale(
    parts.reduce<Vec2>((sum, part) => add(sum, scale(part.centre, part.mass)), [0, 0]),
    1 / mass,
  )
  // The moment about a unit vector e of the plane is e^T T e, T = [xx xy; xy yy].
  let [xx, xy, yy, inertia] = [0, 0, 0, 0]
  for (const part of parts) {
    const side = perp(part.axis)
    const [x, y] = subtract(part.centre, com)
    xx += part.along * part.axis[0] ** 2 + part.across * side[0] ** 2 + part.mass * y * y
    yy += part.along * part.axis[1] ** 2 + part.across * side[1] ** 2 + part.mass * x * x
    xy += part.along * part.axis[0] * part.axis[1] + part.across * side[0] * side[1] - part.mass * x * y
    inertia += part.across + part.mass * (x * x + y * y)
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2 + Math.PI / 2
  const axis: Vec2 = parts.length === 1 ? parts[0].axis : [Math.cos(angle), Math.sin(angle)]
  const about = (e: Vec2): number => dot(e, [xx * e[0] + xy * e[1], xy * e[0] + yy * e[1]])
  return { mass, com, inertia, principal: { axis, along: about(axis), across: about(perp(axis)) } }
}
