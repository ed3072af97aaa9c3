// Where one environment, and its step, are in the buffers.
struct EnvPlace {
  at: u32,                // in env_states and episodes
  agent: u32,
  env: u32,
  record: u32,            // of this step, in transitions
  final_record: u32,      // of this step, in final_obs
  seed: u32,
  global_step: u32,
  step: u32,              // of the rollout
}
