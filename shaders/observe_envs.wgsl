// The start of a rollout: writes observations and masks of the environments' states into slot 0. Of stacked frames it
// writes the newest; all of them where the stacks begin.
// threads: one per environment (x), agents along y
// reads:   env_states, stop; hyper, progress, episodes, where the environment has parameters
// writes:  transitions [agent][step 0][env], observation and mask
// twin:    src/reference/observe_envs.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/rollout/see_env.wgsl"
//#import "params_hyper"
//#import "params_running"
//#import "normaliser"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  is_first: u32,          // 1: all frames of a stack are this one
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> env_states: array<EnvState>;
@group(0) @binding(2) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn observe_envs(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let at = agent * args.num_envs + env;
  use_running_params(agent, args.num_envs, args.num_steps, env);
  var obs: SeenObs;
  see_state(env_states[at], &obs);
  normalise_obs(&obs, agent);
  let record = record_at(agent, 0u, env, args.num_steps, args.num_envs);
  store_sight(&obs, at, record);
//#if STACKED
  if (args.is_first != 0u) { store_older(&obs, record, record, true); }
//#end
}
