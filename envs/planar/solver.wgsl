//#import "planar/newton"
// Newton's method on the rows that push: envs/planar/newton.wgsl has its parts. Twin: envs/planar/newton.ts

/// Slope and second derivative at t on the way to the solution, and how many rows change between its ends. The rows that
/// push at 0 and at t, and the kinetic energy, are a parabola with its minimum at 1.
fn slope_at(rows: ptr<function, Rows>, a: ptr<function, Residuals>, b: ptr<function, Residuals>, kinetic: f32, t: f32) -> vec3f {
  var sum = vec3f((t - 1.0) * kinetic, kinetic, 0.0);
  //#repeat $j in LIMITED
  sum += row_slope((*rows).limits[$j].stiffness, (*a).limits[$j], (*b).limits[$j], t);
  //#end
  //#repeat $k < FLOOR_PLACES
  sum += contact_slope((*rows).floor[$k], (*a).floor[$k], (*b).floor[$k], t);
  //#end
  //#repeat $k < PAIR_PLACES
  sum += contact_slope((*rows).pairs[$k], (*a).pairs[$k], (*b).pairs[$k], t);
  //#end
  return sum;
}

/// The share of the way from residuals a to b at which the value is least; `settled` if no row changes on it.
fn search(rows: ptr<function, Rows>, a: ptr<function, Residuals>, b: ptr<function, Residuals>, kinetic: f32,
  settled: ptr<function, bool>) -> f32 {
  var t = 1.0;
  var low = 0.0;
  var high = 1e30;
  var i = 0u;
  loop {
    let s = slope_at(rows, a, b, kinetic, t);
    *settled = *settled || (i == 0u && s.z == 0.0);
    low = select(low, t, s.x < 0.0);
    high = select(t, high, s.x < 0.0);
    let newton = t - s.x / max(s.y, 1e-30);
    let next = select(0.5 * (low + min(high, 2.0)), newton, newton > low && newton < high);
    let is_done = *settled || abs(next - t) <= SEARCH_TOLERANCE * t;
    t = select(next, t, *settled);
    i += 1u;
    continuing { break if is_done || i == MOST_SEARCHES; }
  }
  return t;
}

struct Solution {
  qacc: Joints,
  residuals: Residuals,
}

/// `start`: accelerations to start from, those of the step before.
fn constrained(f: ptr<function, Frames>, inertias: ptr<function, Inertias>, smooth_force: ptr<function, Joints>,
  rows: ptr<function, Rows>, start: ptr<function, Joints>) -> Solution {
  // Variables of their own: naga writes no SPIR-V where a pointer to a field is passed.
  var qacc = *start;
  var residuals = residuals_at(f, rows, start);
  var turn = 0u;
  loop {
    var way = way_to_solution(f, inertias, smooth_force, rows, &qacc, &residuals);
    var next = Joints();
    //#repeat $j < NV
    next[$j] = qacc[$j] + way[$j];
    //#end
    var r = residuals_at(f, rows, &next);
    var settled = false;
    let t = search(rows, &residuals, &r, energy(f, inertias, &way), &settled);
    //#repeat $j < NV
    qacc[$j] = select(qacc[$j] + t * way[$j], next[$j], settled);
    //#end
    //#repeat $j in LIMITED
    residuals.limits[$j] = mix(residuals.limits[$j], r.limits[$j], t);
    //#end
    //#repeat $k < FLOOR_PLACES
    residuals.floor[$k] = mix(residuals.floor[$k], r.floor[$k], vec2f(t));
    //#end
    //#repeat $k < PAIR_PLACES
    residuals.pairs[$k] = mix(residuals.pairs[$k], r.pairs[$k], vec2f(t));
    //#end
    turn += 1u;
    continuing { break if settled || turn == MOST_TURNS; }
  }
  return Solution(qacc, residuals);
}
