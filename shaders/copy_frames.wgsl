// Copies the stacks of frames of all environments: after a rollout from its last slot to `frames`, which the next one
// starts from, and back. Records of floats are copied as words.
// threads: 64 per workgroup, workgroups take turns; one word of one environment at a time (x), agents along y
// reads:   stop, source (frames; or observations, transitions)
// writes:  target_words (observations, transitions; or frames)
// twin:    src/reference/copy_frames.ts
//#import "shaders/lib/data/agent.wgsl"

struct Args {
  num_envs: u32,
  stop_stride: u32,
  words: u32,             // of a stack
  source_at: u32,         // of agent 0, environment 0
  source_agent: u32,      // from one agent to the next
  source_env: u32,
  target_at: u32,
  target_agent: u32,
  target_env: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> target_words: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn copy_frames(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let agent = group.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u) { return; }
  for (var i = group.x * WORKGROUP + thread; i < args.num_envs * args.words; i += groups.x * WORKGROUP) {
    let env = i / args.words;
    let word = i % args.words;
    let from_word = args.source_at + agent * args.source_agent + env * args.source_env + word;
    target_words[args.target_at + agent * args.target_agent + env * args.target_env + word] = source[from_word];
  }
}
