/** One step of the physics: Box2D's b2World::Step. */
import { findNewContacts, sweepBox } from './broadphase'
import { type Touch, updateContacts } from './contacts'
import { type Start, solveImpacts } from './continuous'
import { type Load, solveIsland } from './island'
import type { World } from './state'

/** Advances `world` by 1/50 s under `gravity` (m/s^2, along y) and `load`; `touch` takes what begins and ends to touch. */
export function stepWorld(world: World, gravity: number, load: Load, touch: Touch): void {
  updateContacts(world, touch)
  const starts = world.bodies.map(({ position, angle }): Start => ({ c0: position, a0: angle, alpha0: 0 }))
  if (solveIsland(world, gravity, load)) {
    const moved = starts.map(({ c0, a0 }, body) => sweepBox(world, body, c0, a0))
    findNewContacts(world, moved)
  }
  solveImpacts(world, starts, touch)
}
