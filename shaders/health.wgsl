// Finds the first non-finite value of a rollout, by its bits, and the first mask that allows no action. If there is
// one, closes the gate of the update and reports the place.
// threads: 64 per workgroup, workgroups take turns (x), agents along y
// reads:   transitions (all of every record that is set; of the records after the last step obs and value), final_obs
//          of episodes that ended
// writes:  stop [slot 1, and the fault after the gates], only if there is a fault
// twin:    src/reference/health.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/fault.wgsl"
//#import "shaders/lib/policy/some_choice.wgsl"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> transitions: array<f32>;
@group(0) @binding(1) var<storage, read> final_obs: array<f32>;
@group(0) @binding(2) var<storage, read_write> stop: array<atomic<u32>>;
@group(1) @binding(0) var<uniform> args: Args;

const WORKGROUP = 64u;

fn finite_from(first: u32, count: u32) -> bool {
  var largest = 0u;
  for (var i = first; i < first + count; i++) { largest = max(largest, magnitude_bits(transitions[i])); }
  return largest < INFINITE_BITS;
}

fn final_obs_finite(row: u32) -> bool {
  var largest = 0u;
  for (var i = 0u; i < OBS_FLOATS; i++) { largest = max(largest, magnitude_bits(final_obs[row * OBS_STRIDE + i])); }
  return largest < INFINITE_BITS;
}

// The kind of the first bad value of a record, or KINDS if there is none. `row` is the agent's row of final_obs.
fn bad_kind(record: u32, row: u32, is_step: bool) -> u32 {
  if (!finite_from(record + AT_OBS, OBS_FLOATS)) { return KIND_OBS; }
  if (is_step) {
    if (!some_choice(record)) { return KIND_MASKS; }
    if (!finite_from(record + AT_OLD_OUT, ACTION_DIM)) { return KIND_LOGITS; }
    if (!finite_from(record + AT_ACTION, ACTION_COUNT)) { return KIND_ACTIONS; }
    if (!finite_from(record + AT_LOGPROB, 1u)) { return KIND_LOGPROBS; }
  }
  if (!finite_from(record + AT_VALUE, 1u)) { return KIND_VALUES; }
  if (!is_step) { return KINDS; }
  let flags = u32(transitions[record + AT_FLAGS]);
  if (has_flag(flags, FLAG_STATE_NOT_FINITE)) { return KIND_STATES; }
  if (!finite_from(record + AT_REWARD, 1u)) { return KIND_REWARDS; }
  if (is_over(flags) && !final_obs_finite(row)) { return KIND_FINAL_OBS; }
  if (!finite_from(record + AT_ADVANTAGE, 1u) || !finite_from(record + AT_RETURN, 1u)) { return KIND_ADVANTAGES; }
  return KINDS;
}

@compute @workgroup_size(WORKGROUP)
fn health(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let agent = group.y;
  if (atomicLoad(&stop[agent * args.stop_stride + GATE_ROLLOUT]) != 0u) { return; }
  let batch = args.num_steps * args.num_envs;
  let rows = batch + args.num_envs;
  var found = 0u;
  for (var row = group.x * WORKGROUP + thread; row < rows; row += groups.x * WORKGROUP) {
    let kind = bad_kind(record_of_batch(agent, row, batch, args.num_envs), agent * batch + row, row < batch);
    if (kind == KINDS) { continue; }
    if (kind != KIND_ADVANTAGES) {
      found = fault_of(row, kind);
      break; // all further rows are later ones
    }
    found = max(found, fault_of(advantage_place(row, rows), kind));
  }
  if (found == 0u) { return; }
  atomicMax(&stop[fault_slot(agent, args.stop_stride)], found);
  atomicStore(&stop[agent * args.stop_stride + GATE_UPDATE], STOP_NOT_FINITE);
}
