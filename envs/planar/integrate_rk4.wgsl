//#import "planar/state"
// A step of the environment by the classical method of Runge and Kutta: `FRAME_SKIP` steps of four evaluations each, one turn
// of the loop for each evaluation, so that the physics is there once.
// Twin: envs/planar/integrate.ts

const STAGES = 4u;

/// Moves the state on, and returns how far each joint of `TRAVEL` went: more precisely than the difference of its positions.
fn advance(state: ptr<function, EnvState>, given: Controls) -> Joints {
  var controls = given;
  var q = without_travel(state);
  var v = (*state).qvel;
  // The state at the first stage, and the weighted sums of velocities and accelerations since.
  var q0 = q;
  var v0 = v;
  var sum_v = Joints();
  var sum_a = Joints();
  var turn = 0u;
  loop {
    var start = (*state).warmstart;
    var found = forward(&q, &v, &controls, &start);
    keep(state, &found, &q);
    let stage = turn % STAGES;
    let is_last = stage == 3u;
    let weight = TIMESTEP * select(1.0 / 3.0, 1.0 / 6.0, stage == 0u || is_last);
    let step = TIMESTEP * select(0.5, 1.0, stage == 2u);
    //#repeat $j < NV
    {
      sum_v[$j] += weight * v[$j];
      sum_a[$j] += weight * found.qacc[$j];
      let next_q = q0[$j] + select(step * v[$j], sum_v[$j], is_last);
      let next_v = v0[$j] + select(step * found.qacc[$j], sum_a[$j], is_last);
      q[$j] = next_q;
      v[$j] = next_v;
      q0[$j] = select(q0[$j], next_q, is_last);
      v0[$j] = select(v0[$j], next_v, is_last);
      sum_v[$j] = select(sum_v[$j], 0.0, is_last);
      sum_a[$j] = select(sum_a[$j], 0.0, is_last);
    }
    //#end
    turn += 1u;
    continuing { break if turn == STAGES * FRAME_SKIP; }
  }
  return arrive(state, q, v);
}
