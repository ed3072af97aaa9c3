// Steps that the fused rollout kernels do for one environment: find its records, store its observation, decide.
// Needs from the importer: hyper, progress, episodes, parameters, transitions (read_write), args: RolloutArgs, act with
//   the outputs of the policy.
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/rollout/gae_env.wgsl"
//#import "shaders/lib/rollout/step_env.wgsl"
//#import "shaders/lib/rollout/see_env.wgsl"
//#import "shaders/lib/rollout/decide.wgsl"
//#import "params"

struct RolloutArgs {
  num_envs: u32,
  num_steps: u32,
  parameter_stride: u32,
  own: u32,                 // offset of the distribution's own parameters inside one agent's
  max_episode_steps: u32,
  first_step: u32,
  end_step: u32,
  first_tile: u32,
  tile: u32,                // environments per workgroup (fused_rollout's TILE: a constant would unroll loops)
  value_network: u32,       // 1; or 0 if actor and critic share a trunk, as one network
  value: u32,               // region of its values in act, head_width apart
  value_rows: u32,          // observations whose values fused_rollout computes at a time
  networks: array<Mlp, 2>,
}

const OBS_WIDTH = OBS_STRIDE / 4u;

fn record_of(agent: u32, step: u32, env: u32) -> u32 {
  return record_at(agent, step, env, args.num_steps, args.num_envs);
}

fn final_record_of(agent: u32, step: u32, env: u32) -> u32 {
  return final_obs_at(agent, step, env, args.num_steps, args.num_envs);
}

fn env_place_at(agent: u32, step: u32, env: u32) -> EnvPlace {
  let global_step = progress[agent].iteration * args.num_steps + step;
  return EnvPlace(agent * args.num_envs + env, agent, env, record_of(agent, step, env), final_record_of(agent, step, env),
    progress[agent].seed, global_step, step);
}

// Sets the environment's parameters for environment `env` in the first step of this dispatch.
fn use_own_params(agent: u32, env: u32) {
  let length = u32(episodes[agent * args.num_envs + env].episodic_length);
  use_params(agent, progress[agent].seed, progress[agent].iteration * args.num_steps + args.first_step - length, env);
}

// Required by decide.wgsl: the outputs begin at vec4 `head` of act.
fn policy_output(head: u32, i: u32) -> f32 { return act[head + i / 4u][i % 4u]; }

fn own_parameter(agent: u32, i: u32) -> f32 {
  let at = agent * args.parameter_stride + args.own + i;
  return parameters[at / 4u][at % 4u];
}

fn stored(at: u32) -> f32 { return transitions[at]; }
