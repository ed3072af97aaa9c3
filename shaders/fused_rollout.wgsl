// A whole rollout in one dispatch. A workgroup owns up to TILE environments of one agent, and no other touches them:
//   for every step: policy -> sample -> environment step, with the observations in workgroup memory;
//   then, in batches, the values of all observations; then advantages and returns, backwards.
// A rollout that is too long for one submit is split by steps (first_step, end_step; the dispatch with the last step
// also computes values and advantages) and by ranges of environments (first_tile). The results are bit-identical.
// threads: one workgroup per TILE environments (x, from first_tile), agents along y
// reads:   hyper, progress (seed, iteration, status), parameters
// writes:  transitions, env_states, episodes, final_obs
// twin:    src/reference/fused_rollout.ts
//#import "shaders/lib/rollout/rollout_rows.wgsl"
//#import "shaders/lib/network/dense.wgsl"

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(5) var<storage, read_write> episodes: array<Episode>;
@group(0) @binding(6) var<storage, read_write> final_obs: array<f32>;
@group(0) @binding(7) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: RolloutArgs;

override WORKGROUP: u32 = 64;
override TILE: u32 = 16;          // rows at a time, a multiple of 8
override ACT_SIZE: u32 = 1024;    // vec4s that hold one tile's activations

var<workgroup> act: array<vec4f, ACT_SIZE>;
var<workgroup> cut_step: array<u32, TILE>; // a step where this environment was truncated, not terminated
var<workgroup> any_cut: u32;
const NONE = 0xffffffffu;

// Writes the observation to row `row` of the tile, and the observation and the mask of the state to the record.
fn place_sight(obs: array<f32, OBS_DIM>, at: u32, row: u32, record: u32) {
  store_sight(obs, at, record);
  for (var i = 0u; i < OBS_DIM; i++) { act[row * OBS_WIDTH + i / 4u][i % 4u] = obs[i]; }
}

// The value of row `row`, read from the network outputs in act.
fn value_of_row(row: u32) -> f32 {
  return act[args.value + row * args.networks[args.value_network].head_width].x;
}

// Runs steps first_step to end_step - 1 of the tile's environments.
fn act_and_step(agent: u32, first_env: u32, envs: u32, base: u32, thread: u32) {
  for (var row = thread; row < args.tile; row += WORKGROUP) {
    for (var i = 0u; i < OBS_WIDTH; i++) { act[row * OBS_WIDTH + i] = vec4f(); }
    if (row < envs) {
      let env = first_env + row;
      let at = agent * args.num_envs + env;
      use_own_params(agent, env);
      place_sight(normalise_obs(env_observe(env_states[at]), agent), at, row, record_of(agent, args.first_step, env));
    }
  }
  workgroupBarrier(); // wait for the first observations
  for (var step = args.first_step; step < args.end_step; step++) {
    mlp_forward(0u, base, args.tile, thread, WORKGROUP);
    for (var row = thread; row < envs; row += WORKGROUP) {
      let env = first_env + row;
      let record = record_of(agent, step, env);
      let global_step = progress[agent].iteration * args.num_steps + step;
      decide(args.networks[0].head + row * args.networks[0].head_width, record, agent, env, global_step);
      if (args.value_network == 0u) { transitions[record + AT_VALUE] = value_of_row(row); } // a shared trunk also computes the value
      let at = agent * args.num_envs + env;
      let place = EnvPlace(at, agent, env, record, final_record_of(agent, step, env), progress[agent].seed, global_step, step);
      let obs = step_one_env(place, args.max_episode_steps);
      place_sight(obs, at, row, record_of(agent, step + 1u, env));
    }
    workgroupBarrier(); // wait for the next observations
  }
}

// Values of all observations of the tile's environments, including those after the last step: row i is environment i %
// envs at step i / envs. With a shared trunk the values of the steps are already known.
fn evaluate(agent: u32, first_env: u32, envs: u32, base: u32, thread: u32) {
  let count = (args.num_steps + 1u) * envs;
  for (var first = select(0u, args.num_steps * envs, args.value_network == 0u); first < count; first += args.tile) {
    for (var i = thread; i < args.tile * OBS_WIDTH; i += WORKGROUP) {
      let row = min(first + i / OBS_WIDTH, count - 1u);
      let at = record_of(agent, row / envs, first_env + row % envs) + AT_OBS + i % OBS_WIDTH * 4u;
      act[i] = vec4f(transitions[at], transitions[at + 1u], transitions[at + 2u], transitions[at + 3u]);
    }
    workgroupBarrier(); // the observations are in place
    mlp_forward(args.value_network, base, args.tile, thread, WORKGROUP);
    for (var row = thread; row < min(args.tile, count - first); row += WORKGROUP) {
      let record = record_of(agent, (first + row) / envs, first_env + (first + row) % envs);
      transitions[record + AT_VALUE] = value_of_row(row);
    }
    workgroupBarrier(); // wait until the values have been read
  }
}

// The first step, starting at `first`, where the environment was truncated and not terminated.
fn next_cut(agent: u32, env: u32, first: u32) -> u32 {
  for (var step = first; step < args.num_steps; step++) {
    let record = record_of(agent, step, env);
    if (is_cut(u32(transitions[record + AT_FLAGS]))) { return step; }
  }
  return NONE;
}

// Values of the final observations of truncated episodes. Truncation is rare: each round evaluates at most one per
// environment, and usually there is one round or none.
fn bootstrap(agent: u32, first_env: u32, envs: u32, base: u32, thread: u32) {
  for (var row = thread; row < envs; row += WORKGROUP) { cut_step[row] = next_cut(agent, first_env + row, 0u); }
  loop {
    workgroupBarrier(); // wait for cut_step of every environment
    if (thread == 0u) {
      any_cut = 0u;
      for (var row = 0u; row < envs; row++) { any_cut |= select(0u, 1u, cut_step[row] != NONE); }
    }
    if (workgroupUniformLoad(&any_cut) == 0u) { break; }
    for (var i = thread; i < envs * OBS_WIDTH; i += WORKGROUP) {
      let step = cut_step[i / OBS_WIDTH];
      if (step == NONE) { continue; }
      let at = final_record_of(agent, step, first_env + i / OBS_WIDTH) + i % OBS_WIDTH * 4u;
      act[i] = vec4f(final_obs[at], final_obs[at + 1u], final_obs[at + 2u], final_obs[at + 3u]);
    }
    workgroupBarrier(); // the observations are in place
    mlp_forward(args.value_network, base, args.tile, thread, WORKGROUP);
    for (var row = thread; row < envs; row += WORKGROUP) {
      let step = cut_step[row];
      if (step == NONE) { continue; }
      transitions[record_of(agent, step, first_env + row) + AT_FINAL_VALUE] = value_of_row(row);
      cut_step[row] = next_cut(agent, first_env + row, step + 1u);
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn fused_rollout(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  if (progress[agent].status != RUNNING) { return; } // equal to the rollout's gate, with one binding fewer
  let first_env = (args.first_tile + group.x) * args.tile;
  let envs = min(args.tile, args.num_envs - first_env);
  let base = agent * args.parameter_stride / 4u;
  act_and_step(agent, first_env, envs, base, thread);
  if (args.end_step < args.num_steps) { return; }

  storageBarrier(); // make records and final observations visible to all threads
  evaluate(agent, first_env, envs, base, thread);
  if (hyper[agent].bootstrap_truncated != 0u) { bootstrap(agent, first_env, envs, base, thread); }
  storageBarrier(); // make the values visible to all threads
  for (var row = thread; row < envs; row += WORKGROUP) {
    let env = first_env + row;
    let last_value = transitions[record_of(agent, args.num_steps, env) + AT_VALUE];
    gae_env(record_of(agent, 0u, env), args.num_envs * RECORD_STRIDE, args.num_steps, hyper[agent], last_value);
  }
}
