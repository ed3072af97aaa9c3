// The metrics of one iteration of one agent, as the host reads them; src/metrics.ts gives them names and nulls.
struct Metrics {
  iteration: u32,
  status: u32,
  updates: u32,
  minibatches: u32,
  epochs_done: u32,
  pg_loss: f32,
  v_loss: f32,
  entropy: f32,
  loss: f32,
  approx_kl: f32,
  old_approx_kl: f32,
  clipfrac: f32,
  kl: f32,
  grad_norm: f32,
  learning_rate: f32,     // adaptive: of the last minibatch
  kl_coef: f32,
  window_episodes: f32,   // episodes in the return window
  window_return: f32,     // their mean return
  solved_at: u32,         // iteration; 0: not yet
  bad_buffer: u32,        // 0: no fault; else 1 + index in HEALTH_BUFFERS of src/metrics.ts
  bad_step: u32,          // of the rollout; of the update, for gradients and parameters
  bad_env: u32,
  situations: array<u32, 6>,
  rollout: RolloutStats,
}
