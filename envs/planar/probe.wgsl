//#import "planar/forward"
// All that one evaluation of the forces computes on its way, for tests and `verify`: training never runs it. Jacobians are
// what the residuals change by when one joint accelerates at 1.
// Twin: envs/planar/forward.ts

struct ProbedLimit {
  /// 1 at the lower limit, -1 at the upper: the row's entry at its joint.
  side: f32,
  distance: f32,
  stiffness: f32,
  /// The target acceleration, MuJoCo's aref, and the force.
  target_acceleration: f32,
  force: f32,
}

struct ProbedContact {
  /// Rows of the Jacobian along normal and tangent.
  along_normal: Joints,
  along_tangent: Joints,
  distance: f32,
  friction: f32,
  /// Of each of the four rows n + mu t, n - mu t, n, n; a contact without friction has a quarter of its stiffness in each.
  stiffness: f32,
  target_normal: f32,
  target_tangent: f32,
  force_plus: f32,
  force_minus: f32,
  force_straight: f32,
}

struct Probe {
  /// Lower triangle, by rows.
  mass: array<Joints, NV>,
  bias: Joints,
  passive: Joints,
  motors: Joints,
  qacc_smooth: Joints,
  /// Of every joint; those without limits are 0.
  limits: array<ProbedLimit, NV>,
  floor: array<ProbedContact, NUM_FLOOR>,
  pairs: array<ProbedContact, NUM_PAIRS>,
  constraint_force: Joints,
  qacc: Joints,
}

fn probed(c: Contact, residual: vec2f) -> ProbedContact {
  var p = ProbedContact();
  p.distance = c.distance;
  p.friction = c.friction;
  p.stiffness = c.stiffness;
  p.target_normal = -c.base.x;
  p.target_tangent = -c.base.y;
  p.force_plus = -c.stiffness * min(0.0, residual.x + c.friction * residual.y);
  p.force_minus = -c.stiffness * min(0.0, residual.x - c.friction * residual.y);
  p.force_straight = -c.stiffness * min(0.0, residual.x);
  return p;
}

fn probe(q: ptr<function, Joints>, v: ptr<function, Joints>, controls: ptr<function, Controls>, start: ptr<function, Joints>) -> Probe {
  var p = Probe();
  var f = frames_at(q);
  var motions = motions_of(&f, v);
  var inertias = body_inertias(&f);
  var mass = mass_matrix(&f, &inertias);
  p.mass = mass;
  p.bias = bias_forces(&f, v, &motions, &inertias);
  p.passive = passive_forces(&f, q, v, &motions);
  p.motors = motor_forces(controls);
  var smooth_force = smooth_forces(&f, q, v, &motions, &inertias, controls);
  factor(&mass);
  p.qacc_smooth = solved(&mass, &smooth_force);
  var rows = rows_of(&f, q, v, &motions);
  var solution = constrained(&f, &inertias, &smooth_force, &rows, start);
  p.qacc = solution.qacc;
  var residuals = solution.residuals;
  p.constraint_force = constraint_forces(&f, &rows, &residuals);
  //#repeat $j in LIMITED
  {
    let limit = rows.limits[$j];
    let distance = min((*q)[$j] - LIMIT_RANGE[$j].x, LIMIT_RANGE[$j].y - (*q)[$j]);
    let force = -limit.stiffness * min(0.0, solution.residuals.limits[$j]);
    p.limits[$j] = ProbedLimit(rows.side[$j], distance, limit.stiffness, -limit.base, force);
  }
  //#end
  for (var k = 0u; k < NUM_FLOOR; k++) { p.floor[k] = probed(rows.floor[k], solution.residuals.floor[k]); }
  for (var k = 0u; k < NUM_PAIRS; k++) { p.pairs[k] = probed(rows.pairs[k], solution.residuals.pairs[k]); }
  for (var k = 0u; k < NUM_FLOOR; k++) { rows.floor[k].base = vec2f(0.0); }
  for (var k = 0u; k < NUM_PAIRS; k++) { rows.pairs[k].base = vec2f(0.0); }
  for (var j = 0u; j < NV; j++) {
    var one = Joints();
    one[j] = 1.0;
    let r = residuals_at(&f, &rows, &one);
    for (var k = 0u; k < NUM_FLOOR; k++) {
      p.floor[k].along_normal[j] = r.floor[k].x;
      p.floor[k].along_tangent[j] = r.floor[k].y;
    }
    for (var k = 0u; k < NUM_PAIRS; k++) {
      p.pairs[k].along_normal[j] = r.pairs[k].x;
      p.pairs[k].along_tangent[j] = r.pairs[k].y;
    }
  }
  return p;
}
