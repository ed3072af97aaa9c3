// What fused_rollout loads for the values of a tile of environments: their observations, and the last observations of
// truncated episodes.
// Needs from the importer: transitions, final_obs, act, args: RolloutArgs (rollout_rows.wgsl); WORKGROUP, TILE.
//#import "shaders/lib/rollout/tile_rows.wgsl"

fn load_observations(tile: Tile, first: u32, count: u32, thread: u32) {
  for (var i = thread; i < args.value_rows * OBS_WIDTH; i += WORKGROUP) {
    let row = i / OBS_WIDTH;
    let at = place_of_value(tile, min(first + row, count - 1u)) + AT_OBS + i % OBS_WIDTH * 4u;
    act[i + row] = vec4f(transitions[at], transitions[at + 1u], transitions[at + 2u], transitions[at + 3u]);
  }
}

// Loads a last observation of each environment that has a truncated episode left; whether there is one.
fn load_last_observations(tile: Tile, is_first: bool, thread: u32) -> bool {
  if (!find_cuts(tile, is_first, thread)) { return false; }
  for (var i = thread; i < tile.envs * OBS_WIDTH; i += WORKGROUP) {
    let row = i / OBS_WIDTH;
    let step = cut_step[row];
    if (step == NONE) { continue; }
    let at = final_record_of(tile.agent, step, tile.first_env + row) + i % OBS_WIDTH * 4u;
    act[i + row] = vec4f(final_obs[at], final_obs[at + 1u], final_obs[at + 2u], final_obs[at + 3u]);
  }
  return true;
}
