//#import "planar/rows"
//#import "planar/inertia"
//#import "planar/factor"
// The accelerations: the minimum of (a - free)^T M (a - free) / 2 + sum of stiffness min(0, residual)^2 / 2, MuJoCo's primal
// problem, by Newton's method. Where the same rows push, the minimum is the solution of one linear system. So each turn solves
// for the rows that push now; if the same rows push at the solution, it is the minimum, else a search along the line to it
// finds the least value there. No tolerance decides.
// Twin: envs/planar/newton.ts

const MOST_TURNS = 8u;
const MOST_SEARCHES = 10u;
const SEARCH_TOLERANCE = 1e-6f;

/// The way from accelerations `a`, with residuals `r`, to the solution for the rows that push there. `smooth_force`: all other
/// forces on the joints, less the bias. The way, not the solution: its rounding errors are as small as it is.
fn way_to_solution(f: ptr<function, Frames>, inertias: ptr<function, Inertias>, smooth_force: ptr<function, Joints>,
  rows: ptr<function, Rows>, a: ptr<function, Joints>, r: ptr<function, Residuals>) -> Joints {
  var stiff = *inertias;
  var motions = motions_of(f, a);
  var wrenches = Triples();
  //#repeat $j in MASSIVE
  wrenches[$j] = -wrench_for((*inertias)[$j], motions[$j]);
  //#end
  //#repeat $k < FLOOR_PLACES
  //#repeat $b in FLOOR_FRAME[$k]
  {
    let contact = (*rows).floor[$k];
    let weight = pushing(contact, (*r).floor[$k]);
    stiff[$b] = with_inertia(stiff[$b], Inertia(0.0, vec2f(0.0), stiffness_of(contact, weight)), contact.at);
    wrenches[$b] += wrench_of(push(contact, weight, (*r).floor[$k]), contact.at);
  }
  //#end
  //#end
  var m = mass_matrix(f, &stiff);
  //#repeat $k < PAIR_PLACES
  //#repeat $a in PAIR_FIRST[$k]
  //#repeat $b in PAIR_SECOND[$k]
  {
    let contact = (*rows).pairs[$k];
    let weight = pushing(contact, (*r).pairs[$k]);
    let force = push(contact, weight, (*r).pairs[$k]);
    wrenches[$a] -= wrench_of(force, (*rows).first_at[$k]);
    wrenches[$b] += wrench_of(force, contact.at);
    // How the contact's point moves, the second capsule's less the first's, with the joints that move only one of them.
    let stiffness = stiffness_of(contact, weight);
    var column = array<vec2f, NV>();
    var at = (*rows).first_at[$k];
    //#repeat $j in PAIR_MOVES_FIRST[$k]
    column[$j] = -column_at(f, $j, at);
    at += (*f).shift[$j];
    //#end
    at = contact.at;
    //#repeat $j in PAIR_MOVES_SECOND[$k]
    column[$j] = column_at(f, $j, at);
    at += (*f).shift[$j];
    //#end
    //#repeat $j in PAIR_PATH[$k]
    //#repeat $i in PAIR_UP_TO[$k][$j]
    m[$j][$i] += dot(column[$j], times(stiffness, column[$i]));
    //#end
    //#end
  }
  //#end
  //#end
  //#end
  var force = joint_forces(f, &wrenches);
  //#repeat $j in LIMITED
  {
    let stiffness = select(0.0, (*rows).limits[$j].stiffness, (*r).limits[$j] < 0.0);
    m[$j][$j] += stiffness;
    force[$j] -= (*rows).side[$j] * stiffness * (*r).limits[$j];
  }
  //#end
  //#repeat $j < NV
  force[$j] += (*smooth_force)[$j] - ARMATURE[$j] * (*a)[$j];
  //#end
  factor(&m);
  return solved(&m, &force);
}

/// The velocity of a point at `r` from a frame's reference point when its joint moves at 1.
fn column_at(f: ptr<function, Frames>, j: u32, r: vec2f) -> vec2f { return SENSE[j] * perp(r) + (*f).axis[j]; }

/// d^T M d: twice the kinetic energy at velocities d.
fn energy(f: ptr<function, Frames>, inertias: ptr<function, Inertias>, d: ptr<function, Joints>) -> f32 {
  var motions = motions_of(f, d);
  var sum = 0.0;
  //#repeat $j < NV
  sum += ARMATURE[$j] * (*d)[$j] * (*d)[$j];
  //#end
  //#repeat $j in MASSIVE
  sum += dot(motions[$j], wrench_for((*inertias)[$j], motions[$j]));
  //#end
  return sum;
}

/// One row at t between residuals a, at 0, and b, at 1: its part of the slope, of the second derivative, and 1 where it
/// pushes at only one of them. That of a row which pushes at 0 is less by what it is at the solution.
fn row_slope(stiffness: f32, a: f32, b: f32, t: f32) -> vec3f {
  let now = a * (1.0 - t) + b * t;
  let along = stiffness * (b - a);
  return vec3f(along * (min(now, 0.0) - select(0.0, b, a < 0.0)), select(0.0, along * (b - a), now < 0.0),
    select(0.0, 1.0, (a < 0.0) != (b < 0.0)));
}

fn contact_slope(c: Contact, a: vec2f, b: vec2f, t: f32) -> vec3f {
  let lean_a = c.friction * a.y;
  let lean_b = c.friction * b.y;
  return row_slope(c.stiffness, a.x + lean_a, b.x + lean_b, t) + row_slope(c.stiffness, a.x - lean_a, b.x - lean_b, t)
    + row_slope(2.0 * c.stiffness, a.x, b.x, t);
}
