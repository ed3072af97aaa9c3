// One step of every environment (shaders/lib/rollout/step_env.wgsl).
// threads: one per environment (x), agents along y
// reads:   progress (seed, iteration), stop, transitions [step] (the action), hyper (parameters of the environment, where
//          it has any)
// writes:  env_states, episodes, final_obs [step] (packed observations: final_states), transitions [step] (reward,
//          flags), [step + 1] (obs, mask)
// twin:    src/reference/step_envs.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/rollout/step_env.wgsl"
//#import "shaders/lib/rollout/see_env.wgsl"
//#import "params_hyper"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  max_episode_steps: u32,
  step: u32,
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(3) var<storage, read_write> episodes: array<Episode>;
//#if FLOATS
@group(0) @binding(4) var<storage, read_write> final_obs: array<f32>;
//#end
//#if PACKED
@group(0) @binding(4) var<storage, read_write> final_states: array<EnvState>;
//#end
@group(0) @binding(5) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn step_envs(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let record = record_at(agent, args.step, env, args.num_steps, args.num_envs);
  let final_record = final_obs_at(agent, args.step, env, args.num_steps, args.num_envs);
  let p = progress[agent];
  let global_step = p.iteration * args.num_steps + args.step;
  let at = agent * args.num_envs + env;
  let place = EnvPlace(at, agent, env, record, final_record, p.seed, global_step, args.step);
  var obs: SeenObs;
  step_one_env(place, args.max_episode_steps, &obs);
  let next = record_at(agent, args.step + 1u, env, args.num_steps, args.num_envs);
  store_sight(&obs, at, next);
//#if STACKED
  store_older(&obs, next, record, is_reset(u32(transitions[record + AT_FLAGS])));
//#end
}
