/** Contacts from step to step: which touch, which begin and end, and stored impulses for warm starting. */
import { near, removeContact } from './broadphase'
import { collide } from './manifold'
import { LANDER_BODY, SHAPES } from './shapes'
import { bodyOf, edgeEnds, edgeOf, poseOf, type World, wake } from './state'

/** The state of LunarLander's contact listener: 1 for a leg on the ground, and whether the lander touched it. */
export type Touch = { legs: [number, number]; crashed: boolean }

/** A contact began to touch. */
function begin(touch: Touch, body: number): void {
  if (body === LANDER_BODY) touch.crashed = true
  else touch.legs[body - 1] = 1
}

/** A contact ended: the leg counts as off the ground, even if it still stands on another edge. */
function end(touch: Touch, body: number): void {
  if (body !== LANDER_BODY) touch.legs[body - 1] = 0
}

/** Computes contact `slot` again; points with the same features keep their impulses. Returns whether it touches. */
export function updateContact(world: World, slot: number, touch: Touch): boolean {
  const contact = world.contacts[slot]
  const body = bodyOf(contact)
  const manifold = collide(edgeEnds(world, edgeOf(contact)), SHAPES[body], poseOf(world, body))
  const old = { ...contact }
  contact.points = manifold.count
  contact.id = [0, 0]
  contact.normal_impulse = [0, 0]
  contact.tangent_impulse = [0, 0]
  for (let i = 0; i < manifold.count; i++) {
    contact.id[i] = manifold.id[i]
    for (let j = 0; j < old.points; j++) {
      if (old.id[j] !== manifold.id[i]) continue
      contact.normal_impulse[i] = old.normal_impulse[j]
      contact.tangent_impulse[i] = old.tangent_impulse[j]
      break
    }
  }
  const [was, is] = [old.points > 0, contact.points > 0]
  if (was !== is) {
    wake(world.bodies[body])
    if (is) begin(touch, body)
    else end(touch, body)
  }
  return is
}

/** For all contacts, the latest first: removes those whose boxes no longer overlap, and updates the others. */
export function updateContacts(world: World, touch: Touch): void {
  let slot = 0
  while (slot < world.contact_count) {
    const contact = world.contacts[slot]
    const body = bodyOf(contact)
    if (world.bodies[body].awake === 0) {
      slot++
    } else if (near(world, body, edgeOf(contact))) {
      updateContact(world, slot, touch)
      slot++
    } else {
      if (contact.points > 0) end(touch, body)
      removeContact(world, slot)
    }
  }
}
