/** A planar robot's parts in the frames of its joints: what its WGSL is made of. */
import { fluidOf } from './fluid'
import { framesOf, plus } from './frames'
import { mix, type PlanarModel, type Vec2 } from './model'

export type Parts = ReturnType<typeof partsOf>

/** @throws Error for a capsule or a site of a body that no joint moves. */
export function partsOf(model: PlanarModel) {
  const { joints, sites, floor } = model
  const { frames, bodies } = framesOf(model)
  const placeOf = (what: string, body: number, at: Vec2) => {
    const { frame, origin } = bodies[body]
    if (frame < 0)
      throw new Error(`planar robot ${model.name}: ${what} is on ${model.bodies[body].name}, which no joint moves.`)
    return { frame, at: plus(origin, at) }
  }
  const masses = joints.map((_, j) => {
    const own = model.bodies.map((body, b) => ({
      ...body,
      at: plus(bodies[b].origin, body.com),
      frame: bodies[b].frame,
    }))
    const there = own.filter(({ frame }) => frame === j)
    const sum = (f: (body: (typeof own)[number]) => number): number => there.reduce((total, body) => total + f(body), 0)
    const moment = [sum(({ mass, at }) => mass * at[0]), sum(({ mass, at }) => mass * at[1])]
    return [
      sum(({ mass }) => mass),
      ...moment,
      sum(({ mass, inertia, at }) => inertia + mass * (at[0] ** 2 + at[1] ** 2)),
    ]
  })
  const capsules = model.capsules.map((capsule) => {
    const ends = capsule.ends.map((end) => placeOf(`capsule ${capsule.name}`, capsule.body, end))
    return {
      ...capsule,
      frame: ends[0].frame,
      ends: ends.map(({ at }) => at),
      invweight: model.bodies[capsule.body].invweight,
    }
  })
  const touches = floor
    ? model.floorCapsules.flatMap((c) => {
        const { ends, ...capsule } = capsules[c]
        const isSphere = ends[0].every((x, i) => x === ends[1][i])
        return (isSphere ? [ends[0]] : ends).map((end) => ({ ...capsule, ...mix(capsule, floor), end }))
      })
    : []
  const pairs = model.pairs.map(([a, b]) => ({ a: capsules[a], b: capsules[b], ...mix(capsules[a], capsules[b]) }))
  const limits = joints.flatMap((joint, j) => (joint.range ? [j] : []))
  const placed = sites.map(({ name, body, position }) => placeOf(`site ${name}`, body, position))
  const fluid = fluidOf(model)
  return { ...{ model, frames, masses, touches, pairs, limits }, sites: placed, fluid }
}
