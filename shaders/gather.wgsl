// Copies the records of one minibatch in the shuffled order and normalises their advantages.
// threads: one per row (x), agents along y
// reads:   progress (seed, iteration), stop, transitions, advantage_moments
// writes:  minibatch [agent][row]
// twin:    src/reference/gather.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shuffle"

struct Args {
  num_envs: u32,
  batch_size: u32,
  minibatch_size: u32,
  num_updates: u32,
  stop_stride: u32,
  epoch: u32,
  minibatch: u32,
  update: u32,            // epoch * numMinibatches + minibatch
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> transitions: array<f32>;
@group(0) @binding(3) var<storage, read> advantage_moments: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> minibatch: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn gather(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_UPDATE + args.update] != 0u || row >= args.minibatch_size) { return; }
  let in_epoch = args.minibatch * args.minibatch_size + row;
  let i = shuffled_row(in_epoch, args.batch_size, progress[agent].seed, progress[agent].iteration, args.epoch, agent);
  let source = record_of_batch(agent, i, args.batch_size, args.num_envs);
  let record = record_of_minibatch(agent, row, args.minibatch_size);
  for (var k = 0u; k < RECORD_STRIDE; k++) { minibatch[record + k] = transitions[source + k]; }
  let moments = advantage_moments[agent * args.num_updates + args.update];
  minibatch[record + AT_ADVANTAGE] = (transitions[source + AT_ADVANTAGE] - moments.x) * moments.y;
}
