//#import "planar/forces"
//#import "planar/solver"
// One evaluation of the forces, MuJoCo's mj_forward: positions and velocities to accelerations.
// Twin: envs/planar/forward.ts

struct Forward {
  qacc: Joints,
  //#if NUM_SITES
  /// Places of the sites, without what the joints of `TRAVEL` add.
  sites: array<vec2f, NUM_SITES>,
  //#end
  //#if KEEPS_FORCE
  constraint_force: Joints,
  //#end
  //#if EULER
  /// The mass matrix.
  mass: Matrix,
  //#end
}

fn smooth_forces(f: ptr<function, Frames>, q: ptr<function, Joints>, v: ptr<function, Joints>, motions: ptr<function, Triples>,
  inertias: ptr<function, Inertias>, controls: ptr<function, Controls>) -> Joints {
  let passive = passive_forces(f, q, v, motions);
  let motors = motor_forces(controls);
  let bias = bias_forces(f, v, motions, inertias);
  var sum = Joints();
  //#repeat $j < NV
  sum[$j] = passive[$j] + motors[$j] - bias[$j];
  //#end
  return sum;
}

/// `start`: accelerations that the solver starts from.
fn forward(q: ptr<function, Joints>, v: ptr<function, Joints>, controls: ptr<function, Controls>, start: ptr<function, Joints>) -> Forward {
  var f = frames_at(q);
  var motions = motions_of(&f, v);
  var inertias = body_inertias(&f);
  var smooth_force = smooth_forces(&f, q, v, &motions, &inertias, controls);
  var rows = rows_of(&f, q, v, &motions);
  var solution = constrained(&f, &inertias, &smooth_force, &rows, start);
  var result = Forward();
  result.qacc = solution.qacc;
  //#repeat $s < NUM_SITES
  //#repeat $b in SITE_FRAME[$s]
  result.sites[$s] = f.place[$b] + turned(f.turn[$b], SITE_AT[$s]);
  //#end
  //#end
  //#if KEEPS_FORCE
  var residuals = solution.residuals;
  result.constraint_force = constraint_forces(&f, &rows, &residuals);
  //#end
  //#if EULER
  result.mass = mass_matrix(&f, &inertias);
  //#end
  return result;
}
