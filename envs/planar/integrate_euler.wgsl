//#import "planar/state"
// A step of the environment by `FRAME_SKIP` steps of the semi-implicit Euler method. The joints' damping is implicit, as in
// MuJoCo: (M + h damping) a = M qacc, so a is qacc less the solution for h damping qacc.
// Twin: envs/planar/integrate.ts

/// Moves the state on, and returns how far each joint of `TRAVEL` went: more precisely than the difference of its positions.
fn advance(state: ptr<function, EnvState>, given: Controls) -> Joints {
  var controls = given;
  var q = without_travel(state);
  var v = (*state).qvel;
  var turn = 0u;
  loop {
    var start = (*state).warmstart;
    var found = forward(&q, &v, &controls, &start);
    keep(state, &found, &q);
    var mass = found.mass;
    var damped = Joints();
    //#repeat $j < NV
    mass[$j][$j] += TIMESTEP * DAMPING[$j];
    damped[$j] = TIMESTEP * DAMPING[$j] * found.qacc[$j];
    //#end
    factor(&mass);
    let less = solved(&mass, &damped);
    //#repeat $j < NV
    v[$j] += TIMESTEP * (found.qacc[$j] - less[$j]);
    q[$j] += TIMESTEP * v[$j];
    //#end
    turn += 1u;
    continuing { break if turn == FRAME_SKIP; }
  }
  return arrive(state, q, v);
}
