// How many random numbers the initial state of every environment draws: for checkEnv.
// threads: one per environment (x), seeds along y
// reads:   hyper (parameters of the environment, where it has any)
// writes:  draws [seed][env]
// twin:    src/reference/reset_draws.ts
//#import "shaders/lib/rng.wgsl"
//#import "env"
//#import "params"
//#import "params_hyper"

struct Args {
  num_envs: u32,
  seed: u32,              // the first; row y of the dispatch has seed + y
}

@group(0) @binding(0) var<storage, read_write> draws: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn reset_draws(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= args.num_envs) { return; }
  use_params(0u, args.seed + id.y, 0u, id.x);
  var rng = make_rng(args.seed + id.y, 0u, STREAM_ENV_RESET, id.x);
  _ = env_reset(&rng);
  draws[id.y * args.num_envs + id.x] = rng.draw;
}
