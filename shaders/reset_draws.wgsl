// First states of episodes that follow on given last states, and how many random numbers each draws: for checkEnv, and for
// golden files. States of zeros are those before the first episode.
// threads: one per environment (x), seeds along y
// reads:   hyper (parameters of the environment, where it has any)
// writes:  env_states [seed][env] (in place), draws [seed][env]
// twin:    src/reference/reset_draws.ts
//#import "shaders/lib/rng.wgsl"
//#import "env"
//#import "reset"
//#import "params"
//#import "params_hyper"

struct Args {
  num_envs: u32,
  seed: u32,              // the first; row y of the dispatch has seed + y
}

@group(0) @binding(0) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(1) var<storage, read_write> draws: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn reset_draws(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= args.num_envs) { return; }
  let at = id.y * args.num_envs + id.x;
  use_params(0u, args.seed + id.y, 0u, id.x);
  var rng = make_rng(args.seed + id.y, 0u, STREAM_ENV_RESET, id.x);
  var state = env_states[at];
  env_states[at] = next_state(&rng, &state);
  draws[at] = rng.draw;
}
