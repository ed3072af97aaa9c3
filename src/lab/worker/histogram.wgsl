// Counts the samples of the latest minibatch by probability ratio and advantage, all agents together.
// threads: one per row of the minibatch (x), agents along y
// reads:   minibatch (the advantage as the loss uses it), losses (ratio)
// writes:  bins [advantage][ratio]; values outside count in the outermost bins
//#import "shaders/lib/update/loss_sums.wgsl"
//#import "shaders/lib/data/transition.wgsl"

struct Args {
  minibatch_size: u32,
  columns: u32,
  rows: u32,
  ratio_min: f32,
  ratio_max: f32,
  advantage_max: f32,     // rows go from -advantage_max to advantage_max
}

@group(0) @binding(0) var<storage, read> minibatch: array<f32>;
@group(0) @binding(1) var<storage, read> losses: array<SampleLoss>;
@group(0) @binding(2) var<storage, read_write> bins: array<atomic<u32>>;
@group(0) @binding(3) var<uniform> args: Args;

fn bin(x: f32, low: f32, high: f32, count: u32) -> u32 {
  let position = (x - low) / (high - low) * f32(count);
  return u32(clamp(position, 0.0, f32(count) - 1.0));
}

@compute @workgroup_size(64)
fn histogram(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= args.minibatch_size) { return; }
  let row = id.y * args.minibatch_size + id.x;
  let column = bin(losses[row].ratio, args.ratio_min, args.ratio_max, args.columns);
  let advantage = minibatch[record_of_minibatch(id.y, id.x, args.minibatch_size) + AT_ADVANTAGE];
  let line = bin(advantage, -args.advantage_max, args.advantage_max, args.rows);
  atomicAdd(&bins[line * args.columns + column], 1u);
}
