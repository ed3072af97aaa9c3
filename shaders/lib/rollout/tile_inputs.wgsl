// What fused_rollout loads for the values of a tile of environments: their observations, and the last observations of
// truncated episodes.
// Needs from the importer: transitions, final_obs, act, args: RolloutArgs (rollout_rows.wgsl); WORKGROUP, TILE.
//#import "shaders/lib/rollout/rollout_rows.wgsl"

var<workgroup> cut_step: array<u32, TILE>; // a step where this environment was truncated, not terminated
var<workgroup> any_cut: u32;
const NONE = 0xffffffffu;

// The environments of a workgroup.
struct Tile {
  agent: u32,
  first_env: u32,
  envs: u32,
  base: u32,              // offset of the agent's parameters
}

// Observation i of the tile, of all that need a value: of environment i % envs at step i / envs, also after the last step.
fn place_of_value(tile: Tile, i: u32) -> u32 {
  return record_of(tile.agent, i / tile.envs, tile.first_env + i % tile.envs);
}

fn load_observations(tile: Tile, first: u32, count: u32, thread: u32) {
  for (var i = thread; i < args.value_rows * OBS_WIDTH; i += WORKGROUP) {
    let row = i / OBS_WIDTH;
    let at = place_of_value(tile, min(first + row, count - 1u)) + AT_OBS + i % OBS_WIDTH * 4u;
    act[i + row] = vec4f(transitions[at], transitions[at + 1u], transitions[at + 2u], transitions[at + 3u]);
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

// Loads a last observation of each environment that has a truncated episode left; whether there is one.
fn load_last_observations(tile: Tile, is_first: bool, thread: u32) -> bool {
  for (var row = thread; row < tile.envs; row += WORKGROUP) {
    let from_step = select(cut_step[row] + 1u, 0u, is_first);
    if (is_first || cut_step[row] != NONE) { cut_step[row] = next_cut(tile.agent, tile.first_env + row, from_step); }
  }
  workgroupBarrier(); // wait for cut_step of every environment
  if (thread == 0u) {
    any_cut = 0u;
    for (var row = 0u; row < tile.envs; row++) { any_cut |= select(0u, 1u, cut_step[row] != NONE); }
  }
  if (workgroupUniformLoad(&any_cut) == 0u) { return false; }
  for (var i = thread; i < tile.envs * OBS_WIDTH; i += WORKGROUP) {
    let row = i / OBS_WIDTH;
    let step = cut_step[row];
    if (step == NONE) { continue; }
    let at = final_record_of(tile.agent, step, tile.first_env + row) + i % OBS_WIDTH * 4u;
    act[i + row] = vec4f(final_obs[at], final_obs[at + 1u], final_obs[at + 2u], final_obs[at + 3u]);
  }
  return true;
}
