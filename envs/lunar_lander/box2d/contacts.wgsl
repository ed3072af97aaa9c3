// Which bodies and edges are close, which contacts begin and end, and stored impulses for warm starting.
// Twin: envs/lunar_lander/box2d/broadphase.ts, envs/lunar_lander/box2d/contacts.ts
//#import "lunar_lander/manifold"

fn body_of(contact: Contact) -> u32 { return contact.pair & 3u; }
fn edge_of(contact: Contact) -> u32 { return contact.pair >> 2u; }

/// Whether the boxes of a body and an edge overlap.
fn boxes_overlap(state: ptr<function, EnvState>, body: u32, edge: u32) -> bool {
  let e = edge_at(state, edge);
  let lower = min(e.v1, e.v2) - RADIUS - AABB_EXTENSION;
  let upper = max(e.v1, e.v2) + RADIUS + AABB_EXTENSION;
  return all(lower <= (*state).bodies[body].fat_upper) && all((*state).bodies[body].fat_lower <= upper);
}

/// Extends the body's box to its motion from the pose (`centre`, `angle`) to the present one. Returns whether the box
/// had to change: then it is extended ahead by twice the motion.
fn sweep_box(state: ptr<function, EnvState>, body: u32, centre: vec2f, angle: f32) -> bool {
  let before = pose_at(centre, angle, shape_centre(body));
  let now = pose_of(state, body);
  let around = box_around(body, before, now);
  let lower = around.xy;
  let upper = around.zw;
  if (all((*state).bodies[body].fat_lower <= lower) && all(upper <= (*state).bodies[body].fat_upper)) { return false; }
  let ahead = AABB_MULTIPLIER * (now.p - before.p);
  (*state).bodies[body].fat_lower = lower - AABB_EXTENSION + min(ahead, vec2f(0.0));
  (*state).bodies[body].fat_upper = upper + AABB_EXTENSION + max(ahead, vec2f(0.0));
  return true;
}

fn has_contact(state: ptr<function, EnvState>, pair: u32) -> bool {
  var found = false;
  for (var i = 0u; i < (*state).contact_count; i++) { found = found || (*state).contacts[i].pair == pair; }
  return found;
}

/// Adds a contact for every new pair of an edge and a body in `moved` (bit i: body i); the last one becomes the first
/// of the list.
/// Returns how many.
fn find_new_contacts(state: ptr<function, EnvState>, moved: u32) -> u32 {
  var added = 0u;
  for (var pair = 0u; moved != 0u && pair < NUM_HILLS << 2u; pair++) {
    let body = pair & 3u;
    if (body == NUM_BODIES || (moved & (1u << body)) == 0u) { continue; }
    if (!boxes_overlap(state, body, pair >> 2u) || has_contact(state, pair)) { continue; }
    if ((*state).contact_count == MAX_CONTACTS) { continue; }
    for (var i = (*state).contact_count; i > 0u; i--) { (*state).contacts[i] = (*state).contacts[i - 1u]; }
    (*state).contacts[0] = Contact(pair, 0u, vec2u(0u), vec2f(0.0), vec2f(0.0));
    (*state).contact_count++;
    added++;
    wake(state, body);
  }
  return added;
}

fn remove_contact(state: ptr<function, EnvState>, slot: u32) {
  (*state).contact_count--;
  for (var i = slot; i < (*state).contact_count; i++) { (*state).contacts[i] = (*state).contacts[i + 1u]; }
  (*state).contacts[(*state).contact_count] = Contact(0u, 0u, vec2u(0u), vec2f(0.0), vec2f(0.0));
}

/// A contact ended: the leg counts as off the ground, even if it still stands on another edge.
fn end_contact(state: ptr<function, EnvState>, body: u32) {
  if (body != LANDER) { (*state).legs[body - 1u] = 0u; }
}

/// An impulse of the step before, for the point with feature `id`; 0 where there was none.
fn kept_impulse(old: Contact, impulse: vec2f, id: u32) -> f32 {
  let second = select(0.0, impulse.y, old.points > 1u && old.id.y == id);
  return select(second, impulse.x, old.points > 0u && old.id.x == id);
}

/// Takes the new manifold `m` of contact `slot`; points with the same features keep their impulses. `crashed`
/// becomes true when the lander begins to touch.
fn update_contact(state: ptr<function, EnvState>, slot: u32, m: Manifold, crashed: ptr<function, bool>) {
  let old = (*state).contacts[slot];
  let body = body_of(old);
  let is = vec2<bool>(m.count > 0u, m.count > 1u);
  let normal = vec2f(kept_impulse(old, old.normal_impulse, m.id.x), kept_impulse(old, old.normal_impulse, m.id.y));
  let tangent = vec2f(kept_impulse(old, old.tangent_impulse, m.id.x), kept_impulse(old, old.tangent_impulse, m.id.y));
  let none = vec2f(0.0);
  (*state).contacts[slot] =
    Contact(old.pair, m.count, select(vec2u(0u), m.id, is), select(none, normal, is), select(none, tangent, is));
  if (is.x == (old.points > 0u)) { return; }
  wake(state, body);
  if (!is.x) { end_contact(state, body); }
  else if (body == LANDER) { *crashed = true; }
  else { (*state).legs[body - 1u] = 1u; }
}
