// Copies the packed observations of one minibatch in the shuffled order.
// threads: 64 per workgroup, workgroups take turns; four words of a row at a time (x), agents along y
// reads:   progress (seed, iteration), stop, observations
// writes:  minibatch_observations [agent][row]
// twin:    src/reference/gather_words.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shuffle"

struct Args {
  num_envs: u32,
  batch_size: u32,
  minibatch_size: u32,
  stop_stride: u32,
  epoch: u32,
  minibatch: u32,
  update: u32,            // epoch * numMinibatches + minibatch
  quarter: u32,           // a quarter of the words of a row
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> observations: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> minibatch_observations: array<vec4u>;
@group(1) @binding(0) var<uniform> args: Args;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn gather_words(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let agent = group.y;
  if (stop[agent * args.stop_stride + GATE_UPDATE + args.update] != 0u) { return; }
  for (var i = group.x * WORKGROUP + thread; i < args.minibatch_size * args.quarter; i += groups.x * WORKGROUP) {
    let row = i / args.quarter;
    let in_epoch = args.minibatch * args.minibatch_size + row;
    let from_row = shuffled_row(in_epoch, args.batch_size, progress[agent].seed, progress[agent].iteration, args.epoch, agent);
    let source = (agent * (args.batch_size + args.num_envs) + from_row) * args.quarter;
    minibatch_observations[agent * args.minibatch_size * args.quarter + i] = observations[source + i % args.quarter];
  }
}
