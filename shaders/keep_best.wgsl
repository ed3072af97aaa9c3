// The end of an evaluation: the mean return of an agent that took part; where it is above the best so far, the policy is
// kept, with the statistics that normalise its observations.
// threads: one workgroup per agent (x)
// reads:   progress (of the evaluation: status), training_progress (iteration), evaluated, parameters, normaliser
// writes:  best, best_parameters, best_statistics
// twin:    src/reference/keep_best.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/evaluated.wgsl"
//#import "shaders/lib/rollout/episode.wgsl"

struct Args {
  num_envs: u32,
  parameter_stride: u32,
  statistics: u32,        // floats of an agent's statistics; 0: nothing is normalised
  normaliser_stride: u32,
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> training_progress: array<Progress>;
@group(0) @binding(2) var<storage, read> evaluated: array<Evaluated>;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read> normaliser: array<f32>;
@group(0) @binding(5) var<storage, read_write> best: array<Best>;
@group(0) @binding(6) var<storage, read_write> best_parameters: array<f32>;
@group(0) @binding(7) var<storage, read_write> best_statistics: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

const THREADS = 64u;
var<workgroup> sums: array<f32, THREADS>;

fn return_of(e: Evaluated) -> f32 {
  var episode = new_episode();
  episode.return_blocks = e.return_blocks;
  return episodic_return(episode);
}

@compute @workgroup_size(THREADS)
fn keep_best(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  if (progress[agent].status != RUNNING) { return; }
  var sum = 0.0;
  for (var env = thread; env < args.num_envs; env += THREADS) { sum += return_of(evaluated[agent * args.num_envs + env]); }
  sums[thread] = sum;
  for (var width = THREADS / 2u; width > 0u; width /= 2u) {
    workgroupBarrier(); // the upper half is complete
    if (thread < width) { sums[thread] += sums[thread + width]; }
  }
  let before = best[agent];
  workgroupBarrier(); // the sum is complete, and every thread has read the best so far
  let return_mean = sums[0] / f32(args.num_envs);
  let is_better = before.iteration == 0u || return_mean > before.return_mean;
  if (is_better) {
    for (var i = thread; i < args.parameter_stride; i += THREADS) {
      best_parameters[agent * args.parameter_stride + i] = parameters[agent * args.parameter_stride + i];
    }
    for (var i = thread; i < args.statistics; i += THREADS) {
      best_statistics[agent * args.statistics + i] = normaliser[agent * args.normaliser_stride + i];
    }
  }
  if (thread != 0u) { return; }
  let at = training_progress[agent].iteration;
  best[agent].evaluated_at = at;
  if (is_better) { best[agent] = Best(at, at, return_mean); }
}
