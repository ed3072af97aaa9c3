// What the fused rollout kernels do with one environment: find its records, store its observation, decide.
// Wants from the importer: progress, parameters, transitions (read_write), args: RolloutArgs, act with the
//   outputs of the policy.
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/mlp.wgsl"
//#import "shaders/lib/gae_env.wgsl"
//#import "shaders/lib/step_env.wgsl"
//#import "record"
//#import "dist"

struct RolloutArgs {
  num_envs: u32,
  num_steps: u32,
  parameter_stride: u32,
  log_std: u32,             // offset inside one agent's parameters; read for Gaussians only
  max_episode_steps: u32,
  first_step: u32,
  end_step: u32,
  first_tile: u32,
  tile: u32,                // environments of a workgroup (fused_rollout's TILE: as a constant it has loops unrolled)
  value_network: u32,       // 1, or 0 where actor and critic share a trunk: then there is one network
  value: u32,               // region of its values in act, head_width apart
  pad0: u32,
  networks: array<Mlp, 2>,
}

const OBS_WIDTH = OBS_STRIDE / 4u;

// V of a final observation waits in the place of the return, which is written after it is read.
fn final_value(record: u32, step: u32, env: u32, agent: u32) -> f32 {
  return transitions[record + AT_RETURN];
}

fn record_of(agent: u32, step: u32, env: u32) -> u32 {
  return ((agent * (args.num_steps + 1u) + step) * args.num_envs + env) * RECORD_STRIDE;
}

fn final_record_of(agent: u32, step: u32, env: u32) -> u32 {
  return ((agent * args.num_steps + step) * args.num_envs + env) * OBS_STRIDE;
}

fn store_obs(obs: array<f32, OBS_DIM>, record: u32) {
  for (var i = 0u; i < OBS_DIM; i++) { transitions[record + AT_OBS + i] = obs[i]; }
}

// The action from the network's outputs for environment `env`, which stand in act from `head` on; all of it is stored.
fn decide(head: u32, record: u32, agent: u32, env: u32, global_step: u32) {
  var outputs: Outputs;
  var log_std: Outputs;
  for (var i = 0u; i < ACTION_DIM; i++) {
    outputs[i] = act[head + i / 4u][i % 4u];
    transitions[record + AT_OLD_OUT + i] = outputs[i];
    if (GAUSSIAN) {
      let at = agent * args.parameter_stride + args.log_std + i;
      log_std[i] = parameters[at / 4u][at % 4u];
      transitions[record + AT_OLD_LOG_STD + i] = log_std[i];
    }
  }
  var rng = make_rng(progress[agent].seed, global_step, STREAM_ACTION, env);
  let action = dist_sample(outputs, log_std, &rng);
  for (var i = 0u; i < ACTION_COUNT; i++) { transitions[record + AT_ACTION + i] = action[i]; }
  transitions[record + AT_LOGPROB] = dist_logprob(outputs, log_std, action);
}
