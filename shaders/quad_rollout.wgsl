// The same rollout as fused_rollout, by quads: a workgroup is one quad, a lane one environment, with its observation
// and the activations of one network at a time in private memory.
//   for every step: policy -> sample -> value -> environment step -> value of a truncated episode's final observation;
//   then advantages and returns, backwards.
// Split by steps (first_step, end_step; the dispatch with the last step computes advantages) and by ranges of
// environments (first_tile), with bit-identical results.
// threads: one quad per 4 environments (x, from first_tile), agents along y
// reads:   hyper, progress (seed, iteration, status), parameters
// writes:  transitions, env_states, episodes, final_obs
// twin:    src/reference/quad_rollout.ts
//#import "shaders/lib/rollout/rollout_rows.wgsl"
//#import "shaders/lib/network/quad_forward_one.wgsl"
// All four lanes agree on whether one of them has a final observation to evaluate; the analysis cannot see that.
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(5) var<storage, read_write> episodes: array<Episode>;
@group(0) @binding(6) var<storage, read_write> final_obs: array<f32>;
@group(0) @binding(7) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: RolloutArgs;

// V of the observation in act. All four lanes must call this together.
fn value_of_act() -> f32 {
  mlp_forward(args.value_network);
  return act[args.value].x;
}

@compute @workgroup_size(4)
fn quad_rollout(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let agent = group.y;
  if (progress[agent].status != RUNNING) { return; } // equal to the rollout's gate, with one binding fewer
  let base = agent * args.parameter_stride / 4u;
  let own = (args.first_tile + group.x) * LANES + lane;
  let alive = own < args.num_envs;
  let env = min(own, args.num_envs - 1u); // a lane without an environment computes too, but stores nothing
  let at = agent * args.num_envs + env;
  let h = hyper[agent];
  load_share(0u, base, lane);
  if (args.value_network == 1u) { load_share(1u, base, lane); }

  use_own_params(agent, env);
  var obs = normalise_obs(env_observe(env_states[at]), agent);
  for (var step = args.first_step; step < args.end_step; step++) {
    let record = record_of(agent, step, env);
    let final_record = final_record_of(agent, step, env);
    let global_step = progress[agent].iteration * args.num_steps + step;
    for (var i = 0u; i < OBS_WIDTH; i++) { act[i] = vec4f(); }
    for (var i = 0u; i < OBS_DIM; i++) { act[i / 4u][i % 4u] = obs[i]; }
    mlp_forward(0u);
    if (alive) {
      store_sight(obs, at, record);
      decide(args.networks[0].head, record, agent, env, global_step);
    }
    if (args.value_network == 1u) { mlp_forward(1u); } // a shared trunk has already computed the value
    let value = act[args.value].x;
    var cut = 0.0;
    if (alive) {
      transitions[record + AT_VALUE] = value;
      let place = EnvPlace(at, agent, env, record, final_record, progress[agent].seed, global_step, step);
      obs = step_one_env(place, args.max_episode_steps);
      cut = select(0.0, 1.0, is_cut(u32(transitions[record + AT_FLAGS])));
    }
    if (quad_sum(vec4f(cut)).x > 0.0 && h.bootstrap_truncated != 0u) {
      for (var i = 0u; i < OBS_DIM && cut > 0.0; i++) { act[i / 4u][i % 4u] = final_obs[final_record + i]; }
      let final_value = value_of_act();
      if (cut > 0.0) { transitions[record + AT_FINAL_VALUE] = final_value; }
    }
  }
  // The observation after the last step of this range is in the record of the step after it.
  for (var i = 0u; i < OBS_DIM; i++) { act[i / 4u][i % 4u] = obs[i]; }
  if (alive) { store_sight(obs, at, record_of(agent, args.end_step, env)); }
  if (args.end_step < args.num_steps) { return; }

  let last_value = value_of_act();
  if (!alive) { return; }
  transitions[record_of(agent, args.num_steps, env) + AT_VALUE] = last_value;
  gae_env(record_of(agent, 0u, env), args.num_envs * RECORD_STRIDE, args.num_steps, h, last_value);
}
