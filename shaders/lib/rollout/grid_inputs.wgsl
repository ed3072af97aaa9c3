// What grid_rollout loads of packed observations, and the words that it makes of them after a step.
// Needs from the importer: observations, final_observations: array<u32>, read_write; env_states, transitions, act, args:
// RolloutArgs (rollout_rows.wgsl); WORKGROUP, TILE.
//#import "shaders/lib/rollout/tile_rows.wgsl"
//#import "shaders/lib/rollout/frames.wgsl"

// Entry `k` of the stack of words at `at`, as the network sees it.
fn entry_at(at: u32, k: u32, of_last: bool) -> f32 {
  let place = at + k / GRID_PER_WORD;
  var word: u32;
  if (of_last) { word = final_observations[place]; } else { word = observations[place]; }
  return f32((word >> (k % GRID_PER_WORD * GRID_BITS)) & GRID_MASK) / f32(GRID_MASK);
}

// Vec4 `i` of a row of inputs of `network`; channels that a pixel does not have are 0.
fn inputs_at(network: u32, at: u32, i: u32, of_last: bool) -> vec4f {
  let channels = args.networks[network].channels;
  let vecs = args.networks[network].pixel_vecs;
  let first = i % vecs * 4u;
  let k = i / vecs * channels + first;
  var x = vec4f(entry_at(at, k, of_last), 0.0, 0.0, 0.0);
  if (first + 1u < channels) { x.y = entry_at(at, k + 1u, of_last); }
  if (first + 2u < channels) { x.z = entry_at(at, k + 2u, of_last); }
  if (first + 3u < channels) { x.w = entry_at(at, k + 3u, of_last); }
  return x;
}

// Observations `first` to `first + TILE - 1` of the tile, numbered as in place_of_value; those past the end repeat the last.
fn load_observations(tile: Tile, network: u32, first: u32, count: u32, thread: u32) {
  let width = args.networks[network].layers[0].in_stride;
  let input = args.networks[network].layers[0].input;
  for (var i = thread; i < TILE * width; i += WORKGROUP) {
    let number = min(first + i / width, count - 1u);
    let env = tile.first_env + number % tile.envs;
    let at = stack_at(tile.agent, number / tile.envs, env, args.num_steps, args.num_envs);
    act[input + i] = inputs_at(network, at, i % width, false);
  }
}

// A last observation of each environment that has a truncated episode left; whether there is one.
fn load_last_observations(tile: Tile, network: u32, is_first: bool, thread: u32) -> bool {
  if (!find_cuts(tile, is_first, thread)) { return false; }
  let width = args.networks[network].layers[0].in_stride;
  let input = args.networks[network].layers[0].input;
  for (var i = thread; i < tile.envs * width; i += WORKGROUP) {
    let row = i / width;
    if (cut_step[row] == NONE) { continue; }
    let at = final_stack_at(tile.agent, cut_step[row], tile.first_env + row, args.num_steps, args.num_envs);
    act[input + i] = inputs_at(network, at, i % width, true);
  }
  return true;
}

// The words after step `step`, of the states that it led to.
fn observe_tile(tile: Tile, step: u32, thread: u32) {
  for (var i = thread; i < tile.envs * STACK_WORDS; i += WORKGROUP) {
    let env = tile.first_env + i / STACK_WORDS;
    let word = i % STACK_WORDS;
    let before = stack_at(tile.agent, step, env, args.num_steps, args.num_envs);
    let after = stack_at(tile.agent, step + 1u, env, args.num_steps, args.num_envs);
    let flags = u32(transitions[record_of(tile.agent, step, env) + AT_FLAGS]);
    let state = env_states[tile.agent * args.num_envs + env];
    observations[after + word] = stack_word(state, word, before, 1u, is_reset(flags));
  }
}
