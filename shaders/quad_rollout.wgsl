// The same rollout as fused_rollout, by quads: a lane is one environment, a workgroup a quad or a few. In the layers a lane has a
// quarter of the columns of every environment, one environment after the other.
//   for every step: policy -> sample -> value -> environment step -> value of a truncated episode's final observation;
//   then advantages and returns, backwards.
// Split by steps (first_step, end_step; the dispatch with the last step computes advantages) and by ranges of
// environments (first_tile), with bit-identical results. Where the environment has many loops, every step has a dispatch of
// its own: compilers take several times as long over loops inside one more loop.
// threads: one quad per 4 environments (x, from first_tile), agents along y
// reads:   hyper, progress (seed, iteration, status), parameters
// writes:  transitions, env_states, episodes, final_obs
// twin:    src/reference/quad_rollout.ts
//#import "shaders/lib/rollout/rollout_rows.wgsl"
//#import "shaders/lib/network/quad_forward.wgsl"
// All four lanes of a quad take the same turns of every loop, which the analysis cannot see.
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(5) var<storage, read_write> episodes: array<Episode>;
@group(0) @binding(6) var<storage, read_write> final_obs: array<f32>;
@group(0) @binding(7) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: RolloutArgs;

// What the lane's environment shows, and the outputs of the policy.
var<private> sight: array<vec4f, OBS_WIDTH>;
var<private> act: array<vec4f, Q_MOST_HEAD>;
// Of the columns of the inputs, the lane's, in the four environments.
var<private> columns: array<vec4f, Q_MOST_INPUT>;

//#repeat $n < Q_NETWORKS
// The outputs of a network for what the four environments show, to `heads`.
fn evaluate_$n(lane: u32) {
//#repeat $q < Q_QUADS[$n][0]
  columns[$q] = quad_transpose(lane, sight[$q]);
//#end
  var turn = 0u;
  loop {
//#repeat $q < Q_QUADS[$n][0]
    x[Q_INPUT[$n][0] + $q / 4][$q % 4] = columns[$q].x;
    columns[$q] = columns[$q].yzwx;
//#end
    forward_$n();
    turn++;
    continuing { break if turn == LANES; }
  }
}

//#end
fn take_outputs(lane: u32) {
//#repeat $o < Q_HEAD[0]
  act[$o] = quad_transpose(lane, heads[$o]);
//#end
}

// The lane's environment makes step `step`: its action and value are those of `obs`, which becomes the observation after it. A
// step that ended an episode by the time limit has a value of its final observation, which comes in the turn after that step.
// Returns the value of `obs`. In the turn behind the last step there is nothing more to do.
fn take_turn(place: EnvPlace, lane: u32, alive: bool, obs: ptr<function, SeenObs>) -> f32 {
  let in_rollout = alive && place.step < args.num_steps;
  for (var i = 0u; i < OBS_DIM; i++) { sight[i / 4u][i % 4u] = (*obs)[i]; }
//#repeat $separate < Q_NETWORKS - 1
  evaluate_0(lane);
  take_outputs(lane);
//#end
  let before = place.record - args.num_envs * RECORD_STRIDE; // the record of the step before, where there was one
  let cut = alive && place.step > 0u && is_cut(u32(transitions[before + AT_FLAGS])) && hyper[place.agent].bootstrap_truncated != 0u;
  let some_cut = quad_sum(vec4f(select(0.0, 1.0, cut))).x > 0.0;
  // The value of this observation; then, where an environment of the quad needs it, of the final one. One text of the network.
  var value = 0.0;
  var is_final = false;
  loop {
//#repeat $separate < Q_NETWORKS - 1
    evaluate_1(lane);
//#end
//#repeat $shared < 2 - Q_NETWORKS
    evaluate_0(lane);
    if (!is_final) { take_outputs(lane); }
//#end
    let result = quad_transpose(lane, heads[Q_HEAD[Q_NETWORKS - 1u] - 1u]).x;
    if (is_final) {
      if (cut) { transitions[before + AT_FINAL_VALUE] = result; }
      break;
    }
    value = result;
    if (!some_cut) { break; }
    is_final = true;
    let final_record = final_record_of(place.agent, place.step - 1u, place.env);
    for (var i = 0u; i < OBS_DIM && cut; i++) { sight[i / 4u][i % 4u] = final_obs[final_record + i]; }
  }
  if (in_rollout) {
    store_sight(obs, place.at, place.record);
    decide(0u, place.record, place.agent, place.env, place.global_step);
    transitions[place.record + AT_VALUE] = value;
    step_one_env(place, args.max_episode_steps, obs);
  }
  return value;
}

@compute @workgroup_size(LANES * TOGETHER)
fn quad_rollout(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let lane = thread % LANES;
  let agent = group.y;
  if (progress[agent].status != RUNNING) { return; } // equal to the rollout's gate, with one binding fewer
  let own = (args.first_tile + group.x * TOGETHER) * LANES + thread;
  let alive = own < args.num_envs;
  let env = min(own, args.num_envs - 1u); // a lane without an environment computes too, but stores nothing
  let at = agent * args.num_envs + env;
  keep_inputs_whole();
//#repeat $n < Q_NETWORKS
  load_weights_$n($n, agent * args.parameter_stride / 4u, lane);
//#end

  use_own_params(agent, env);
  var obs: SeenObs;
  see_state(env_states[at], &obs);
  normalise_obs(&obs, agent);
  var step = args.first_step;
  var last_value = 0.0;
//#if 1 - STEPS_ALONE
  // One turn more than steps where this dispatch ends the rollout: it has the value of the last observation.
  let is_last = args.end_step == args.num_steps;
  let end_turn = args.end_step + select(0u, 1u, is_last);
  loop {
    last_value = take_turn(env_place_at(agent, step, env), lane, alive, &obs);
    step++;
    continuing { break if step >= end_turn; }
  }
//#end
//#if STEPS_ALONE
  // The turn with the value of the last observation is a dispatch too.
  let is_last = step == args.num_steps;
  last_value = take_turn(env_place_at(agent, step, env), lane, alive, &obs);
//#end
  if (!alive) { return; }
  // The observation after the last step of this range waits in the record of the step after it.
  store_sight(&obs, at, record_of(agent, args.end_step, env));
  if (!is_last) { return; }
  transitions[record_of(agent, args.num_steps, env) + AT_VALUE] = last_value;
  gae_env(record_of(agent, 0u, env), args.num_envs * RECORD_STRIDE, args.num_steps, hyper[agent], last_value);
}
