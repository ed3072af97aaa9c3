/** The continuous part of a step: Box2D's b2World::SolveTOI. No body may pass through an edge. */
import { findNewContacts, sweepBox } from './broadphase'
import { type Constraint, makeConstraint, prepare } from './constraint'
import { solvePosition, solveVelocity } from './contact_solver'
import { type Touch, updateContact } from './contacts'
import { integrate } from './island'
import { EPSILON, f, type Vec2 } from './math'
import { DT, LINEAR_SLOP, MAX_SUB_STEPS, TOI_BAUMGARTE, TOI_POSITION_ITERATIONS, VELOCITY_ITERATIONS } from './settings'
import { NUM_BODIES, SHAPES } from './shapes'
import { bodyOf, edgeEnds, edgeOf, MAX_CONSTRAINTS, MAX_CONTACTS, type World, wake } from './state'
import { advance, type Sweep, timeOfImpact } from './toi'

/** Where each body was at fraction `alpha0` of the step. Its end is where the body is now. */
export interface Start {
  c0: Vec2
  a0: number
  alpha0: number
}

/** The state of a contact within the step. */
interface Impact {
  /** Its time of impact; NaN: not known. */
  toi: number
  count: number
  enabled: boolean
}

const newImpact = (): Impact => ({ toi: Number.NaN, count: 0, enabled: true })

/** Finds times of impact, the earliest first, and solves each, until none is left. `starts`: by body. */
export function solveImpacts(world: World, starts: Start[], touch: Touch): void {
  const impacts = Array.from({ length: MAX_CONTACTS }, newImpact)
  /** The moon is part of each impact, and advances the other bodies to its time. */
  let moonAlpha = 0

  const sweepOf = (body: number): Sweep => {
    const { position, angle } = world.bodies[body]
    return { ...starts[body], c: position, a: angle }
  }
  const setStart = (body: number, { c0, a0, alpha0 }: Sweep): void => {
    starts[body] = { c0, a0, alpha0 }
  }

  const impactOf = (slot: number): number => {
    const contact = world.contacts[slot]
    const body = bodyOf(contact)
    const sweep = sweepOf(body)
    if (moonAlpha < sweep.alpha0) moonAlpha = sweep.alpha0
    else if (sweep.alpha0 < moonAlpha) {
      advance(sweep, moonAlpha)
      setStart(body, sweep)
    }
    const { vertices, centre } = SHAPES[body]
    const beta = timeOfImpact(edgeEnds(world, edgeOf(contact)), vertices, centre, sweep)
    return Math.min(f(sweep.alpha0 + f(f(1 - sweep.alpha0) * beta)), 1)
  }

  for (;;) {
    let first = -1
    let alpha = 1
    for (let slot = 0; slot < world.contact_count; slot++) {
      const impact = impacts[slot]
      if (!impact.enabled || impact.count > MAX_SUB_STEPS) continue
      if (Number.isNaN(impact.toi)) {
        if (world.bodies[bodyOf(world.contacts[slot])].awake === 0) continue
        impact.toi = impactOf(slot)
      }
      if (impact.toi < alpha) {
        first = slot
        alpha = impact.toi
      }
    }
    if (first < 0 || alpha > f(1 - f(10 * EPSILON))) return

    const body = bodyOf(world.contacts[first])
    const backup = { moonAlpha, start: starts[body], body: { ...world.bodies[body] } }
    const sweep = sweepOf(body)
    advance(sweep, alpha)
    setStart(body, sweep)
    moonAlpha = alpha
    world.bodies[body].position = sweep.c0
    world.bodies[body].angle = sweep.a0
    const touches = updateContact(world, first, touch)
    impacts[first].toi = Number.NaN
    impacts[first].count++
    impacts[first].enabled = true
    if (!touches) {
      impacts[first].enabled = false
      moonAlpha = backup.moonAlpha
      starts[body] = backup.start
      world.bodies[body].position = backup.body.position
      world.bodies[body].angle = backup.body.angle
      continue
    }
    wake(world.bodies[body])

    const constraints = [makeConstraint(world, first, false)]
    for (let slot = 0; slot < world.contact_count; slot++) {
      if (slot === first || bodyOf(world.contacts[slot]) !== body) continue
      impacts[slot].enabled = true
      if (!updateContact(world, slot, touch) || constraints.length === MAX_CONSTRAINTS) continue
      constraints.push(makeConstraint(world, slot, false))
    }
    solveAtImpact(world, body, constraints, starts, f(f(1 - alpha) * DT))
    for (let slot = 0; slot < world.contact_count; slot++) {
      if (bodyOf(world.contacts[slot]) === body) impacts[slot].toi = Number.NaN
    }
    const moved = Array.from({ length: NUM_BODIES }, () => false)
    moved[body] = sweepBox(world, body, starts[body].c0, starts[body].a0)
    for (let added = findNewContacts(world, moved); added > 0; added--) {
      impacts.pop()
      impacts.unshift(newImpact())
    }
  }
}

/** Moves one body out of the edges it touches, and on for the rest of the step; joints and other bodies stay. */
function solveAtImpact(world: World, body: number, constraints: Constraint[], starts: Start[], dt: number): void {
  const b = world.bodies[body]
  for (let i = 0; i < TOI_POSITION_ITERATIONS; i++) {
    let least = 0
    for (const c of constraints) least = Math.min(least, solvePosition(world, c, TOI_BAUMGARTE))
    if (least >= f(-1.5 * LINEAR_SLOP)) break
  }
  starts[body].c0 = b.position
  starts[body].a0 = b.angle
  for (const c of constraints) prepare(world, c)
  for (let i = 0; i < VELOCITY_ITERATIONS; i++) for (const c of constraints) solveVelocity(world, c)
  integrate(b, dt)
}
