import { solveInPlace } from './cholesky'
import { massMatrix } from './dynamics'
import { chainOf, column, kinematics } from './kinematics'
import type { PlanarModel } from './model'

/**
 * MuJoCo's inverse weights at the reference pose, which make contacts and limits equally stiff for light and heavy parts. Of
 * a joint: its entry of the diagonal of M^-1. Of a body: the mean over three axes of J M^-1 J^T at its centre of mass; off the
 * plane it is 0.
 * @throws Error where a joint moves no mass, or only what others move in the same way.
 */
export function inverseWeights(model: PlanarModel): { bodies: number[]; joints: number[] } {
  const nv = model.joints.length
  const rest = model.joints.map(() => 0)
  const moving = kinematics(
    model,
    model.joints.map(({ ref }) => ref),
    rest,
  )
  const M = massMatrix(model, moving)
  const inverse = (row: Float64Array): Float64Array => solveInPlace(M.slice(), row.slice())
  const unmoved = model.joints.find((_, j) => !(M[j * nv + j] > 0))
  if (unmoved) {
    throw new Error(
      `planar robot ${model.name}: joint ${unmoved.name} moves no mass. Give its body a capsule, or the joint an armature.`,
    )
  }
  const joints = model.joints.map(({ name }, j) => {
    const weight = inverse(Float64Array.from({ length: nv }, (_, i) => Number(i === j)))[j]
    if (Number.isFinite(weight) && weight > 0) return weight
    throw new Error(
      `planar robot ${model.name}: joint ${name} moves the same as other joints together. Leave it out, or give it an armature.`,
    )
  })
  const bodies = model.bodies.map(({ mass }, b) => {
    if (onlySlides(model, b)) return 1 / mass
    const weights = [0, 1].map((axis) => {
      const row = new Float64Array(nv)
      for (const j of chainOf(model, b)) row[j] = column(model, moving, j, moving.bodies[b].com)[axis]
      return inverse(row).reduce((sum, x, j) => sum + x * row[j], 0)
    })
    return (weights[0] + weights[1]) / 3
  })
  return { bodies, joints }
}

/** A body on the world that only slides along x and y, with its centre at its origin and nothing on it: MuJoCo's "simple body". */
function onlySlides({ bodies, joints }: PlanarModel, b: number): boolean {
  const own = joints.filter(({ body }) => body === b)
  return (
    bodies[b].parent < 0 &&
    bodies.every(({ parent }) => parent !== b) &&
    bodies[b].com.every((x) => x === 0) &&
    own.length > 0 &&
    own.every((joint) => joint.kind === 'slide' && joint.axis.includes(0))
  )
}
