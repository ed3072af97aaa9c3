// The initial state of every environment, and empty episode records. With staggered first episodes, each begins as if a
// random part of the time limit had passed (rsl_rl).
// threads: one per environment (x), agents along y
// reads:   progress (seed), hyper (parameters of the environment, where it has any)
// writes:  env_states, episodes [agent][env]
// twin:    src/reference/reset_envs.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/rollout/episode.wgsl"
//#import "env"
//#import "reset"
//#import "params"
//#import "params_hyper"

struct Args {
  num_envs: u32,
  stagger_over: u32,      // the time limit, in steps; 0: not staggered
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(2) var<storage, read_write> episodes: array<Episode>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn reset_envs(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (env >= args.num_envs) { return; }
  let at = agent * args.num_envs + env;
  use_params(agent, progress[agent].seed, 0u, env);
  var rng = make_rng(progress[agent].seed, 0u, STREAM_ENV_RESET, env);
  env_states[at] = first_state(&rng);
  episodes[at] = new_episode();
  if (args.stagger_over > 0u) {
    var stagger_rng = make_rng(progress[agent].seed, 0u, STREAM_STAGGER, env);
    episodes[at].steps_skipped = f32(rng_bits(&stagger_rng).x % args.stagger_over);
  }
}
