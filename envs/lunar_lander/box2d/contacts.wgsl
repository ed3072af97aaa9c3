// Which bodies and edges are near, which touch, what begins and ends, and impulses kept for warm starting.
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

/// Takes the way from the pose (`centre`, `angle`) to the present one into the body's box. Returns whether the box had to
/// change: then it is made larger, twice the way ahead.
fn sweep_box(state: ptr<function, EnvState>, body: u32, centre: vec2f, angle: f32) -> bool {
  let before = pose_at(centre, angle, shape_centre(body));
  let now = pose_of(state, body);
  let a = box_at(body, before);
  let b = box_at(body, now);
  let lower = min(a.xy, b.xy);
  let upper = max(a.zw, b.zw);
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

/// Adds a contact for every new pair of an edge and a body in `moved` (bit i: body i); the last one comes to stand first.
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

/// A contact ended: the leg counts as off the ground, even where it still stands on another edge.
fn end_contact(state: ptr<function, EnvState>, body: u32) {
  if (body != LANDER) { (*state).legs[body - 1u] = 0u; }
}

/// Computes contact `slot` anew; points that come from the same features keep their impulses. Returns whether it touches.
/// `crashed` becomes true when the lander begins to.
fn update_contact(state: ptr<function, EnvState>, slot: u32, crashed: ptr<function, bool>) -> bool {
  let old = (*state).contacts[slot];
  let body = body_of(old);
  let m = collide(edge_at(state, edge_of(old)), body, pose_of(state, body));
  var now = Contact(old.pair, m.count, vec2u(0u), vec2f(0.0), vec2f(0.0));
  let first = old.points > 0u;
  let second = old.points > 1u;
  if (m.count > 0u) {
    now.id.x = m.id.x;
    let same1 = first && old.id.x == m.id.x;
    let same2 = second && old.id.y == m.id.x;
    now.normal_impulse.x = select(select(0.0, old.normal_impulse.y, same2), old.normal_impulse.x, same1);
    now.tangent_impulse.x = select(select(0.0, old.tangent_impulse.y, same2), old.tangent_impulse.x, same1);
  }
  if (m.count > 1u) {
    now.id.y = m.id.y;
    let same1 = first && old.id.x == m.id.y;
    let same2 = second && old.id.y == m.id.y;
    now.normal_impulse.y = select(select(0.0, old.normal_impulse.y, same2), old.normal_impulse.x, same1);
    now.tangent_impulse.y = select(select(0.0, old.tangent_impulse.y, same2), old.tangent_impulse.x, same1);
  }
  (*state).contacts[slot] = now;
  let touches = m.count > 0u;
  if (touches != first) {
    wake(state, body);
    if (!touches) { end_contact(state, body); }
    else if (body == LANDER) { *crashed = true; }
    else { (*state).legs[body - 1u] = 1u; }
  }
  return touches;
}

/// Goes through the list, from the latest contact on: drops those whose boxes came apart, and updates the others.
fn update_contacts(state: ptr<function, EnvState>, crashed: ptr<function, bool>) {
  var slot = 0u;
  while (slot < (*state).contact_count) {
    let contact = (*state).contacts[slot];
    let body = body_of(contact);
    if ((*state).bodies[body].awake == 0u) {
      slot++;
    } else if (boxes_overlap(state, body, edge_of(contact))) {
      _ = update_contact(state, slot, crashed);
      slot++;
    } else {
      if (contact.points > 0u) { end_contact(state, body); }
      remove_contact(state, slot);
    }
  }
}
