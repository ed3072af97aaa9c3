// Results that the kernels of an iteration pass to control.

// One minibatch of one agent: [agent][numUpdates].
struct UpdateStats {
  pg_loss: f32,
  v_loss: f32,
  entropy: f32,
  loss: f32,
  approx_kl: f32,
  old_approx_kl: f32,
  clipfrac: f32,
  kl: f32,
  grad_norm: f32,         // before clipping
  learning_rate: f32,     // of the step
  evaluated: u32,         // 0 where an earlier stop skipped the minibatch
  situations: array<u32, 6>,
}

// One rollout of one agent: [agent].
struct RolloutStats {
  explained: u32,         // 0 if the returns do not vary
  explained_variance: f32,
  episodes: f32,
  return_mean: f32,
  return_m2: f32,         // sum of squared deviations from the mean
  return_min: f32,
  return_max: f32,
  length_mean: f32,
  length_m2: f32,
  length_min: f32,
  length_max: f32,
}
