// A whole rollout in one dispatch, as fused_rollout, of packed observations and networks with convolutions, whose maps fit
// into workgroup memory. A workgroup owns up to TILE environments of one agent, and no other touches them:
//   for every step: policy -> sample -> environment step -> words of the next observation;
//   then, in batches, the values of all observations, and of the last ones of truncated episodes;
//   then advantages and returns, backwards.
// The words before the first step are there already (observe_words). Split by steps (first_step, end_step; the dispatch with
// the last step also computes values and advantages) and by ranges of environments (first_tile), with bit-identical results.
// threads: one workgroup per TILE environments (x, from first_tile), agents along y
// reads:   hyper, progress (seed, iteration, status), parameters, observations, transitions (mask)
// writes:  transitions, observations, final_observations, env_states, episodes
// twin:    src/reference/grid_rollout.ts
//#import "shaders/lib/rollout/rollout_rows.wgsl"
//#import "shaders/lib/rollout/grid_inputs.wgsl"
//#import "shaders/lib/network/grid.wgsl"
//#import "grid_rows"

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(4) var<storage, read_write> episodes: array<Episode>;
@group(0) @binding(5) var<storage, read_write> transitions: array<f32>;
@group(0) @binding(6) var<storage, read_write> observations: array<u32>;
@group(0) @binding(7) var<storage, read_write> final_observations: array<u32>;
@group(1) @binding(0) var<uniform> args: RolloutArgs;

override WORKGROUP: u32 = 64;
override ACT_SIZE: u32 = 1024;    // vec4s that hold the activations of TILE rows

var<workgroup> act: array<vec4f, ACT_SIZE>;

// Environment `row` of the tile makes step `step`.
fn step_row(tile: Tile, row: u32, step: u32) {
  var obs: SeenObs;
  act_and_step(tile, row, step, &obs);
  let env = tile.first_env + row;
  store_sight(&obs, tile.agent * args.num_envs + env, record_of(tile.agent, step + 1u, env));
}

@compute @workgroup_size(WORKGROUP)
fn grid_rollout(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  if (progress[agent].status != RUNNING) { return; } // equal to the rollout's gate, with one binding fewer
  let first_env = (args.first_tile + group.x) * TILE;
  let tile = Tile(agent, first_env, min(TILE, args.num_envs - first_env), agent * args.parameter_stride / 4u);
  // With a shared trunk the values of the steps are already known.
  let steps = args.end_step - args.first_step;
  let count = (args.num_steps + 1u) * tile.envs;
  let first_value = select(0u, args.num_steps * tile.envs, args.value_network == 0u);
  let batches = (count - first_value + TILE - 1u) / TILE;
  let is_last = args.end_step == args.num_steps;

  // A turn is a step of all environments, then a batch of values, then of values of last observations: truncation is rare, so
  // that there is usually one such turn or none. All turns share one text of the network.
  for (var turn = 0u; ; turn++) {
    let batch = turn - steps;
    let is_step = turn < steps;
    let is_batch = !is_step && batch < batches;
    let network = select(args.value_network, 0u, is_step);
    let first = select(first_value + batch * TILE, (args.first_step + turn) * tile.envs, is_step);
    if (!is_step && !is_last) { return; }
    if (is_step || is_batch) { load_observations(tile, network, first, count, thread); }
    else if (hyper[agent].bootstrap_truncated == 0u) { break; }
    else if (!load_last_observations(tile, network, batch == batches, thread)) { break; }
    workgroupBarrier(); // wait for the observations
    grid_forward(network, tile.base, TILE, thread, WORKGROUP);
    let used = select(tile.envs, min(TILE, count - first), is_batch);
    for (var row = thread; row < used; row += WORKGROUP) {
      if (is_step) { step_row(tile, row, args.first_step + turn); }
      else if (is_batch) { transitions[place_of_value(tile, first + row) + AT_VALUE] = value_of_row(row); }
      else if (cut_step[row] != NONE) {
        transitions[record_of(agent, cut_step[row], first_env + row) + AT_FINAL_VALUE] = value_of_row(row);
      }
    }
    storageBarrier(); // make states, flags and last observations visible to all threads
    if (is_step) { observe_tile(tile, args.first_step + turn, thread); }
    storageBarrier(); // make the words visible
    workgroupBarrier(); // wait until the outputs have been read
  }
  gae_of_tile(tile, thread);
}
