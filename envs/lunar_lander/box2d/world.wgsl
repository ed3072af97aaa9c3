// One step of the physics: Box2D's b2World::Step, and its continuous part, b2World::SolveTOI: no body may pass through an
// edge.
// Twin: envs/lunar_lander/box2d/world.ts, envs/lunar_lander/box2d/continuous.ts
//#import "lunar_lander/island"
//#import "lunar_lander/toi"

/// The state of a contact within the step: its time of impact, -1: not known, and how many it had; `disabled`
/// until it is computed again.
struct Impact {
  toi: f32,
  count: u32,
  disabled: u32,
}

alias Impacts = array<Impact, MAX_CONTACTS>;

/// The motion of each body from `alpha0` on; it ends at the present position.
struct Starts {
  x: Motions,
  alpha0: vec3f,
  /// The moon is part of each impact, and advances the other bodies to its time.
  moon: f32,
}

fn sweep_of(state: ptr<function, EnvState>, starts: ptr<function, Starts>, body: u32) -> Sweep {
  let end = vec3f((*state).bodies[body].position, (*state).bodies[body].angle);
  return Sweep(motion_of((*starts).x, body), end, motion_of_alpha((*starts).alpha0, body));
}
fn motion_of_alpha(alpha0: vec3f, body: u32) -> f32 { return select(select(alpha0.z, alpha0.y, body == 1u), alpha0.x, body == 0u); }
fn set_start(starts: ptr<function, Starts>, body: u32, x: Motion, alpha0: f32) {
  (*starts).x = with_motion((*starts).x, body, x);
  (*starts).alpha0 = select((*starts).alpha0, vec3f(alpha0), vec3u(0u, 1u, 2u) == vec3u(body));
}

/// Time of impact of contact `slot`, as a fraction of the step.
fn impact_time(state: ptr<function, EnvState>, starts: ptr<function, Starts>, slot: u32) -> f32 {
  let contact = (*state).contacts[slot];
  let body = body_of(contact);
  var sweep = sweep_of(state, starts, body);
  if ((*starts).moon < sweep.alpha0) {
    (*starts).moon = sweep.alpha0;
  } else if (sweep.alpha0 < (*starts).moon) {
    sweep = advanced(sweep, (*starts).moon);
    set_start(starts, body, sweep.start, sweep.alpha0);
  }
  let beta = time_of_impact(edge_at(state, edge_of(contact)), body, sweep);
  return min(sweep.alpha0 + (1.0 - sweep.alpha0) * beta, 1.0);
}

/// The contact with the earliest impact, or MAX_CONTACTS.
fn first_impact(state: ptr<function, EnvState>, starts: ptr<function, Starts>, impacts: ptr<function, Impacts>) -> u32 {
  var first = MAX_CONTACTS;
  var alpha = 1.0;
  for (var slot = 0u; slot < (*state).contact_count; slot++) {
    let impact = (*impacts)[slot];
    if (impact.disabled != 0u || impact.count > MAX_SUB_STEPS) { continue; }
    var toi = impact.toi;
    if (toi < 0.0) {
      if ((*state).bodies[body_of((*state).contacts[slot])].awake == 0u) { continue; }
      toi = impact_time(state, starts, slot);
      (*impacts)[slot].toi = toi;
    }
    if (toi < alpha) {
      first = slot;
      alpha = toi;
    }
  }
  return select(first, MAX_CONTACTS, 1.0 - 10.0 * EPSILON < alpha);
}

/// Moves the body of contact `first` out of the edges that it touches at the impact, and on for the rest of the step;
/// joints and other bodies stay.
fn solve_impact(state: ptr<function, EnvState>, starts: ptr<function, Starts>, touching: ptr<function, Constraints>, count: u32, body: u32, dt: f32) {
  var x = Motion((*state).bodies[body].position, (*state).bodies[body].angle);
  for (var i = 0u; i < TOI_POSITION_ITERATIONS; i++) {
    var least = 0.0;
    for (var k = 0u; k < count; k++) {
      let moved = solve_contact_position((*touching)[k], x, TOI_BAUMGARTE);
      x = moved.xyz;
      least = min(least, moved.w);
    }
    if (least >= -1.5 * LINEAR_SLOP) { break; }
  }
  set_start(starts, body, x, motion_of_alpha((*starts).alpha0, body));
  let pose = pose_at(x.xy, x.z, shape_centre(body));
  for (var k = 0u; k < count; k++) { (*touching)[k] = prepare_constraint((*touching)[k], pose, x.xy); }
  var v = Motion((*state).bodies[body].velocity, (*state).bodies[body].angular_velocity);
  for (var i = 0u; i < VELOCITY_ITERATIONS; i++) {
    for (var k = 0u; k < count; k++) { v = solve_contact_velocity(touching, k, v); }
  }
  v = limited(v, dt);
  x += dt * v;
  (*state).bodies[body].position = x.xy;
  (*state).bodies[body].angle = x.z;
  (*state).bodies[body].velocity = v.xy;
  (*state).bodies[body].angular_velocity = v.z;
}

/// Extends the boxes of `bodies` (bit i: body i) to their motions since `x`. Returns which boxes changed.
fn sweep_boxes(state: ptr<function, EnvState>, x: Motions, bodies: u32) -> u32 {
  var moved = 0u;
  for (var body = 0u; body < NUM_BODIES; body++) {
    if ((bodies & (1u << body)) == 0u) { continue; }
    let start = motion_of(x, body);
    moved |= select(0u, 1u << body, sweep_box(state, body, start.xy, start.z));
  }
  return moved;
}

/// Advances the world by 1/50 s: the discrete step first, then impacts, the earliest first, until none is left. All are
/// rounds of one loop, so that their common code is compiled once. Returns whether the lander itself began to touch the
/// ground.
fn step_world(state: ptr<function, EnvState>, load: Load) -> bool {
  var crashed = false;
  if ((*state).bodies[0].awake + (*state).bodies[1].awake + (*state).bodies[2].awake == 0u) { return crashed; }
  var touching: Constraints;
  var impacts: Impacts;
  for (var i = 0u; i < MAX_CONTACTS; i++) { impacts[i] = Impact(-1.0, 0u, 0u); }
  var starts = Starts(positions_of(state), vec3f(0.0), 0.0);
  // At most MAX_SUB_STEPS + 1 impacts of each contact; the limit is for compilers.
  for (var round = 0u; round < 4u * MAX_CONTACTS * MAX_SUB_STEPS; round++) {
    var first = MAX_CONTACTS;
    var body = 0u;
    var bodies = 7u;
    var alpha = 0.0;
    var backup = starts;
    var end = Motion(0.0);
    if (round > 0u) {
      first = first_impact(state, &starts, &impacts);
      if (first == MAX_CONTACTS) { break; }
      body = body_of((*state).contacts[first]);
      bodies = 1u << body;
      backup = starts;
      alpha = impacts[first].toi;
      let sweep = sweep_of(state, &starts, body);
      end = sweep.end;
      let at = advanced(sweep, alpha);
      set_start(&starts, body, at.start, alpha);
      starts.moon = alpha;
      (*state).bodies[body].position = at.start.xy;
      (*state).bodies[body].angle = at.start.z;
    }
    let count = touch_all(state, first, &touching, &crashed);
    if (round == 0u) {
      for (var i = 0u; i < NUM_BODIES; i++) { wake(state, i); }
      solve_island(state, load, &touching, count);
    } else {
      impacts[first] = Impact(-1.0, impacts[first].count + 1u, select(0u, 1u, count == 0u));
      if (count == 0u) {
        // It does not touch there.
        starts = backup;
        (*state).bodies[body].position = end.xy;
        (*state).bodies[body].angle = end.z;
        continue;
      }
      wake(state, body);
      for (var slot = 0u; slot < (*state).contact_count; slot++) {
        if (body_of((*state).contacts[slot]) != body) { continue; }
        impacts[slot].toi = -1.0;
        impacts[slot].disabled = 0u;
      }
      solve_impact(state, &starts, &touching, count, body, (1.0 - alpha) * DT);
    }
    for (var added = find_new_contacts(state, sweep_boxes(state, starts.x, bodies)); added > 0u; added--) {
      for (var i = MAX_CONTACTS - 1u; i > 0u; i--) { impacts[i] = impacts[i - 1u]; }
      impacts[0] = Impact(-1.0, 0u, 0u);
    }
  }
  return crashed;
}
