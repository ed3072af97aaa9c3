// A whole rollout in one dispatch. A workgroup owns up to TILE environments of one agent, and no other touches them:
//   for every step: policy -> sample -> environment step, with the observations in workgroup memory;
//   then, in batches, the values of all observations, and of the last ones of truncated episodes;
//   then advantages and returns, backwards.
// A rollout that is too long for one submit is split by steps (first_step, end_step; the dispatch with the last step
// also computes values and advantages) and by ranges of environments (first_tile). The results are bit-identical.
// threads: one workgroup per TILE environments (x, from first_tile), agents along y
// reads:   hyper, progress (seed, iteration, status), parameters
// writes:  transitions, env_states, episodes, final_obs
// twin:    src/reference/fused_rollout.ts
//#import "shaders/lib/rollout/rollout_rows.wgsl"
//#import "shaders/lib/rollout/tile_inputs.wgsl"
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
override TILE: u32 = 16;          // environments, a multiple of 4
override ACT_SIZE: u32 = 1024;    // vec4s that hold the activations of value_rows rows, at least TILE

var<workgroup> act: array<vec4f, ACT_SIZE>;
const OBS_ROW = OBS_WIDTH + 1u;   // vec4s from one row of inputs to the next

// Writes the observation to row `row` of the tile, and the observation and the mask of the state to the record.
fn place_sight(obs: ptr<function, SeenObs>, at: u32, row: u32, record: u32) {
  store_sight(obs, at, record);
  for (var i = 0u; i < OBS_DIM; i++) { act[row * OBS_ROW + i / 4u][i % 4u] = (*obs)[i]; }
}

fn place_first_sights(tile: Tile, thread: u32) {
  for (var row = thread; row < args.tile; row += WORKGROUP) {
    for (var i = 0u; i < OBS_WIDTH; i++) { act[row * OBS_ROW + i] = vec4f(); }
    if (row < tile.envs) {
      let env = tile.first_env + row;
      let at = tile.agent * args.num_envs + env;
      use_own_params(tile.agent, env);
      var obs: SeenObs;
      see_state(env_states[at], &obs);
      normalise_obs(&obs, tile.agent);
      place_sight(&obs, at, row, record_of(tile.agent, args.first_step, env));
    }
  }
}

// Environment `row` of the tile makes step `step`.
fn step_row(tile: Tile, row: u32, step: u32) {
  var obs: SeenObs;
  act_and_step(tile, row, step, &obs);
  let env = tile.first_env + row;
  place_sight(&obs, tile.agent * args.num_envs + env, row, record_of(tile.agent, step + 1u, env));
}

@compute @workgroup_size(WORKGROUP)
fn fused_rollout(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  if (progress[agent].status != RUNNING) { return; } // equal to the rollout's gate, with one binding fewer
  let first_env = (args.first_tile + group.x) * args.tile;
  let tile = Tile(agent, first_env, min(args.tile, args.num_envs - first_env), agent * args.parameter_stride / 4u);
  // With a shared trunk the values of the steps are already known.
  let steps = args.end_step - args.first_step;
  let count = (args.num_steps + 1u) * tile.envs;
  let first_value = select(0u, args.num_steps * tile.envs, args.value_network == 0u);
  let batches = (count - first_value + args.value_rows - 1u) / args.value_rows;
  let is_last = args.end_step == args.num_steps;

  place_first_sights(tile, thread);
  // A turn is a step of all environments, then a batch of values, then of values of last observations: truncation is rare, so
  // that there is usually one such turn or none. All turns share one text of the network.
  for (var turn = 0u; ; turn++) {
    let batch = turn - steps;
    let is_step = turn < steps;
    let is_batch = !is_step && batch < batches;
    let first = first_value + batch * args.value_rows;
    if (turn >= steps) {
      if (!is_last) { return; }
      if (turn == steps) { storageBarrier(); } // make records and final observations visible to all threads
      if (is_batch) { load_observations(tile, first, count, thread); }
      else if (hyper[agent].bootstrap_truncated == 0u) { break; }
      else if (!load_last_observations(tile, batch == batches, thread)) { break; }
    }
    workgroupBarrier(); // wait for the observations
    let rows = select(args.value_rows, args.tile, is_step);
    let network = select(args.value_network, 0u, is_step);
    mlp_forward(network, tile.base, rows, thread, WORKGROUP);
    let used = select(tile.envs, min(args.value_rows, count - first), is_batch);
    for (var row = thread; row < used; row += WORKGROUP) {
      collect_head(network, rows, row);
      if (is_step) { step_row(tile, row, args.first_step + turn); }
      else if (is_batch) { transitions[place_of_value(tile, first + row) + AT_VALUE] = value_of_row(row); }
      else if (cut_step[row] != NONE) {
        transitions[record_of(agent, cut_step[row], first_env + row) + AT_FINAL_VALUE] = value_of_row(row);
      }
    }
    workgroupBarrier(); // wait until the outputs have been read
  }
  storageBarrier(); // make the values visible to all threads
  gae_of_tile(tile, thread);
}
