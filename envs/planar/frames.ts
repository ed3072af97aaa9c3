/**
 * The frames of a planar robot. Every joint has one, numbered like the joint: it moves with what the joint moves. Its parent
 * is the frame of the joint before it, of the same body or of the nearest body above that has joints; -1 is the world. Its
 * reference point is a hinge's anchor, or the body's origin for a slide. A body belongs to the frame of its last joint.
 */
import type { PlanarModel, Vec2 } from './model'

export interface Frame {
  parent: number
  /** Its reference point in the parent's frame, with the joint at its `ref`. */
  offset: Vec2
}

export interface Frames {
  frames: Frame[]
  /** Of each body: its frame, and its origin there. */
  bodies: { frame: number; origin: Vec2 }[]
}

export const plus = (a: Vec2, b: Vec2): Vec2 => [a[0] + b[0], a[1] + b[1]]

export function framesOf({ bodies, joints }: Pick<PlanarModel, 'bodies' | 'joints'>): Frames {
  const frames: Frame[] = []
  const placed: Frames['bodies'] = []
  for (const [b, body] of bodies.entries()) {
    const above = body.parent < 0 ? { frame: -1, origin: [0, 0] as const } : placed[body.parent]
    let place = { frame: above.frame, origin: plus(above.origin, body.position) }
    for (const [j, joint] of joints.entries()) {
      if (joint.body !== b) continue
      const offset = joint.kind === 'hinge' ? plus(place.origin, joint.anchor) : place.origin
      frames[j] = { parent: place.frame, offset }
      place = { frame: j, origin: joint.kind === 'hinge' ? [-joint.anchor[0], -joint.anchor[1]] : [0, 0] }
    }
    placed.push(place)
  }
  return { frames, bodies: placed }
}

/** `frame`, its parent, and so on, up to one whose parent is the world. */
export function chain(frames: readonly Frame[], frame: number): number[] {
  const all: number[] = []
  for (let f = frame; f >= 0; f = frames[f].parent) all.push(f)
  return all
}
