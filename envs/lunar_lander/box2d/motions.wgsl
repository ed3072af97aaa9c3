// Positions and velocities of the three bodies in named variables, so that the solver's loops need no memory.
// Twin: the bodies of envs/lunar_lander/box2d/state.ts
//#import "lunar_lander/contact_solver"

/// The three bodies' positions or velocities.
struct Motions {
  lander: Motion,
  right: Motion,
  left: Motion,
}

fn motion_of(m: Motions, body: u32) -> Motion { return select(select(m.left, m.right, body == 1u), m.lander, body == 0u); }
fn with_motion(m: Motions, body: u32, x: Motion) -> Motions {
  return Motions(select(m.lander, x, body == 0u), select(m.right, x, body == 1u), select(m.left, x, body == 2u));
}

fn positions_of(state: ptr<function, EnvState>) -> Motions {
  return Motions(
    Motion((*state).bodies[0].position, (*state).bodies[0].angle),
    Motion((*state).bodies[1].position, (*state).bodies[1].angle),
    Motion((*state).bodies[2].position, (*state).bodies[2].angle));
}
fn velocities_of(state: ptr<function, EnvState>) -> Motions {
  return Motions(
    Motion((*state).bodies[0].velocity, (*state).bodies[0].angular_velocity),
    Motion((*state).bodies[1].velocity, (*state).bodies[1].angular_velocity),
    Motion((*state).bodies[2].velocity, (*state).bodies[2].angular_velocity));
}

/// The velocity, limited so that a body moves no farther in `dt` seconds than Box2D allows.
fn limited(v: Motion, dt: f32) -> Motion {
  let way = dt * length(v.xy);
  let turn = dt * abs(v.z);
  return Motion(
    select(v.xy, v.xy * (MAX_TRANSLATION / way), way > MAX_TRANSLATION),
    select(v.z, v.z * (MAX_ROTATION / turn), turn > MAX_ROTATION));
}

/// The largest change of a negligible iteration: m/s or rad/s.
const FAST_TOLERANCE = 1e-6f;

/// Whether the change of an iteration is negligible.
fn settled(a: Motions, b: Motions) -> bool {
  let change = max(abs(a.lander - b.lander), max(abs(a.right - b.right), abs(a.left - b.left)));
  return all(change <= vec3f(FAST_TOLERANCE));
}

/// Positions of the bodies after moving with velocities `v`.
fn moved_by(x: Motions, v: Motions) -> Motions {
  return Motions(x.lander + DT * v.lander, x.right + DT * v.right, x.left + DT * v.left);
}
