/** One step of the physics: Box2D's b2World::Step. */
import { findNewContacts, sweepBox } from './broadphase'
import { type Touch, updateContacts } from './contacts'
import { type Start, solveImpacts } from './continuous'
import { type Load, type Physics, solveIsland } from './island'
import type { World } from './state'

/** Advances `world` by 1/50 s under `load`; contacts that begin and end are recorded in `touch`. */
export function stepWorld(world: World, physics: Physics, load: Load, touch: Touch): void {
  updateContacts(world, touch)
  const starts = world.bodies.map(({ position, angle }): Start => ({ c0: position, a0: angle, alpha0: 0 }))
  if (solveIsland(world, physics, load)) {
    const moved = starts.map(({ c0, a0 }, body) => sweepBox(world, body, c0, a0))
    findNewContacts(world, moved)
  }
  solveImpacts(world, starts, touch)
}
