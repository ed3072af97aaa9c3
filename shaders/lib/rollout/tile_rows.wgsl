// The environments of a workgroup that holds one in each row: they act and step, and a search finds the steps at which the
// time limit cut their episodes.
// Needs from the importer: the needs of rollout_rows.wgsl; WORKGROUP, TILE (the most rows).
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

// The value of row `row`, from the network outputs in act.
fn value_of_row(row: u32) -> f32 {
  return act[args.value + row * args.networks[args.value_network].head_width].x;
}

// Environment `row` of the tile acts on the policy's outputs and makes step `step`; `obs` is what it shows then.
fn act_and_step(tile: Tile, row: u32, step: u32, obs: ptr<function, SeenObs>) {
  let agent = tile.agent;
  let env = tile.first_env + row;
  let place = env_place_at(agent, step, env);
  let record = place.record;
  decide(args.networks[0].head + row * args.networks[0].head_width, record, agent, env, place.global_step);
  if (args.value_network == 0u) { transitions[record + AT_VALUE] = value_of_row(row); } // a shared trunk also computes the value
  step_one_env(place, args.max_episode_steps, obs);
}

// The first step, starting at `first`, where the environment was truncated and not terminated.
fn next_cut(agent: u32, env: u32, first: u32) -> u32 {
  for (var step = first; step < args.num_steps; step++) {
    let record = record_of(agent, step, env);
    if (is_cut(u32(transitions[record + AT_FLAGS]))) { return step; }
  }
  return NONE;
}

// Finds the next cut of each environment, at first the first; whether there is one.
fn find_cuts(tile: Tile, is_first: bool, thread: u32) -> bool {
  for (var row = thread; row < tile.envs; row += WORKGROUP) {
    let from_step = select(cut_step[row] + 1u, 0u, is_first);
    if (is_first || cut_step[row] != NONE) { cut_step[row] = next_cut(tile.agent, tile.first_env + row, from_step); }
  }
  workgroupBarrier(); // wait for cut_step of every environment
  if (thread == 0u) {
    any_cut = 0u;
    for (var row = 0u; row < tile.envs; row++) { any_cut |= select(0u, 1u, cut_step[row] != NONE); }
  }
  return workgroupUniformLoad(&any_cut) != 0u;
}

// Advantages and returns of the tile, whose records are complete.
fn gae_of_tile(tile: Tile, thread: u32) {
  for (var row = thread; row < tile.envs; row += WORKGROUP) {
    let env = tile.first_env + row;
    let last_value = transitions[record_of(tile.agent, args.num_steps, env) + AT_VALUE];
    gae_env(record_of(tile.agent, 0u, env), args.num_envs * RECORD_STRIDE, args.num_steps, hyper[tile.agent], last_value);
  }
}
