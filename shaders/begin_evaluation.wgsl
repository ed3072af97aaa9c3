// The start of an evaluation: a random key of its own, no episode yet, the statistics that normalise observations as they
// are now. An agent takes part if it has trained since its latest evaluation, up to an iteration with one, and has no
// fault; for others the gates of the evaluation are closed.
// threads: one workgroup per agent (x)
// reads:   training_progress, training_normaliser, best
// writes:  progress, stop, normaliser (the statistics), evaluated
// twin:    src/reference/begin_evaluation.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/evaluated.wgsl"

struct Args {
  num_envs: u32,
  stop_stride: u32,
  every: u32,             // iterations from one evaluation to the next
  key: u32,               // added to the agent's seed
  statistics: u32,        // floats of an agent's statistics; 0: nothing is normalised
  normaliser_stride: u32,
  training_normaliser_stride: u32,
}

@group(0) @binding(0) var<storage, read> training_progress: array<Progress>;
@group(0) @binding(1) var<storage, read> training_normaliser: array<f32>;
@group(0) @binding(2) var<storage, read> best: array<Best>;
@group(0) @binding(3) var<storage, read_write> progress: array<Progress>;
@group(0) @binding(4) var<storage, read_write> stop: array<u32>;
@group(0) @binding(5) var<storage, read_write> normaliser: array<f32>;
@group(0) @binding(6) var<storage, read_write> evaluated: array<Evaluated>;
@group(1) @binding(0) var<uniform> args: Args;

const THREADS = 64u;

@compute @workgroup_size(THREADS)
fn begin_evaluation(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  let trained = training_progress[agent];
  let is_due = trained.iteration % args.every == 0u && trained.iteration > best[agent].evaluated_at;
  let takes_part = is_due && trained.status != NOT_FINITE;
  for (var env = thread; env < args.num_envs; env += THREADS) {
    evaluated[agent * args.num_envs + env] = Evaluated(array<f32, 4>(), 0.0, RUNS_ON);
  }
  for (var i = thread; i < args.statistics; i += THREADS) {
    normaliser[agent * args.normaliser_stride + i] = training_normaliser[agent * args.training_normaliser_stride + i];
  }
  for (var slot = thread; slot < args.stop_stride; slot += THREADS) {
    stop[agent * args.stop_stride + slot] = select(STOP_HALTED, 0u, takes_part);
  }
  if (thread != 0u) { return; }
  var own = trained;
  own.seed = trained.seed + args.key;
  own.iteration = 0u;
  own.status = select(FINISHED, RUNNING, takes_part);
  progress[agent] = own;
}
