// Looks for the first not-finite number of a rollout, by bits, and opens or closes the gate of the update.
// threads: one workgroup per agent (x)
// reads:   transitions (obs, outputs, value, reward of every record)
// writes:  stop [slot 1], rollout_stats (bad_buffer, bad_step, bad_env)
// twin:    src/reference/health.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/stats.wgsl"
//#import "record"
//#import "shape"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> transitions: array<f32>;
@group(0) @binding(1) var<storage, read_write> stop: array<u32>;
@group(0) @binding(2) var<storage, read_write> rollout_stats: array<RolloutStats>;
@group(1) @binding(0) var<uniform> args: Args;

const WORKGROUP = 64u;
const HEALTHY = 0xffffffffu;
var<workgroup> first_bad: array<u32, WORKGROUP>;

// 0 healthy, else 1 obs, 2 outputs, 3 value, 4 reward: the order in which they come about.
fn bad_buffer(record: u32) -> u32 {
  for (var i = 0u; i < OBS_DIM; i++) { if (!is_finite(transitions[record + AT_OBS + i])) { return 1u; } }
  for (var i = 0u; i < ACTION_DIM; i++) { if (!is_finite(transitions[record + AT_OLD_OUT + i])) { return 2u; } }
  if (!is_finite(transitions[record + AT_VALUE])) { return 3u; }
  if (!is_finite(transitions[record + AT_REWARD])) { return 4u; }
  return 0u;
}

@compute @workgroup_size(WORKGROUP)
fn health(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  let batch = args.num_steps * args.num_envs;
  var found = HEALTHY; // record * 4 + buffer - 1: the earliest step, then the lowest environment, then the first buffer
  for (var i = thread; i < batch && found == HEALTHY; i += WORKGROUP) {
    let bad = bad_buffer((agent * (batch + args.num_envs) + i) * RECORD_STRIDE);
    if (bad != 0u) { found = i * 4u + bad - 1u; }
  }
  first_bad[thread] = found;
  workgroupBarrier(); // all threads have reported
  if (thread != 0u) { return; }
  for (var i = 1u; i < WORKGROUP; i++) { found = min(found, first_bad[i]); }
  let halted = stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u;
  let bad = found != HEALTHY;
  rollout_stats[agent].bad_buffer = select(0u, found % 4u + 1u, bad);
  rollout_stats[agent].bad_step = select(0u, found / 4u / args.num_envs, bad);
  rollout_stats[agent].bad_env = select(0u, found / 4u % args.num_envs, bad);
  stop[agent * args.stop_stride + GATE_UPDATE] = select(select(0u, STOP_NOT_FINITE, bad), STOP_HALTED, halted);
}
