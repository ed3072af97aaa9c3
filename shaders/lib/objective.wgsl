// PPO's loss for one sample, and its derivatives: Schulman et al. 2017, eq. 7 (clip) and eq. 8 (penalty); the value loss
// is clipped as in openai/baselines. Everything is per sample; means are taken by who calls.
// Twin: src/reference/ppo_loss.ts
//#import "shaders/lib/agent.wgsl"
//#import "dist"

// What one sample adds to the sums of a minibatch.
struct SampleLoss {
  pg_loss: f32,
  v_loss: f32,
  entropy: f32,
  approx_kl: f32,
  old_approx_kl: f32,
  clipfrac: f32,
  kl: f32,
  situation: u32,         // ratio below 0, inside 1, above 2 the range; + 3 where the advantage is negative; 6 none
  new_logprob: f32,
  ratio: f32,
}

struct Sample {
  outputs: Outputs,
  log_std: Outputs,
  old_outputs: Outputs,
  old_log_std: Outputs,
  action: StoredAction,
  old_logprob: f32,
  advantage: f32,
  target_return: f32,
  old_value: f32,
  value: f32,
}

struct SampleGradient {
  d_outputs: Outputs,
  d_log_std: Outputs,
  d_value: f32,
}

// exp(x) - 1 - x without cancellation near 0.
fn exp_minus_1_minus(x: f32) -> f32 {
  if (abs(x) > 0.25) { return exp(x) - 1.0 - x; }
  return x * x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 + x / 720.0))));
}

fn sample_loss(s: Sample, hyper: Hyper) -> SampleLoss {
  let e = dist_evaluate(s.outputs, s.log_std, s.old_outputs, s.old_log_std, s.action);
  let logratio = e.logprob - s.old_logprob;
  let ratio = exp(logratio);
  var loss: SampleLoss;
  loss.new_logprob = e.logprob;
  loss.ratio = ratio;
  loss.entropy = e.entropy;
  loss.kl = e.kl;
  loss.approx_kl = exp_minus_1_minus(logratio);
  loss.old_approx_kl = -logratio;
  if (hyper.penalty != 0u) {
    loss.pg_loss = -s.advantage * ratio;
    loss.situation = 6u;
  } else {
    let clipped_ratio = clamp(ratio, 1.0 - hyper.clip_coef, 1.0 + hyper.clip_coef);
    loss.pg_loss = max(-s.advantage * ratio, -s.advantage * clipped_ratio);
    loss.clipfrac = select(0.0, 1.0, abs(ratio - 1.0) > hyper.clip_coef);
    let place = select(select(1u, 2u, ratio > 1.0 + hyper.clip_coef), 0u, ratio < 1.0 - hyper.clip_coef);
    loss.situation = place + select(0u, 3u, s.advantage < 0.0);
  }
  let error = s.value - s.target_return;
  loss.v_loss = 0.5 * error * error;
  if (hyper.clip_vloss != 0u) {
    let clipped_error = s.old_value + clamp(s.value - s.old_value, -hyper.vf_clip_coef, hyper.vf_clip_coef) - s.target_return;
    loss.v_loss = 0.5 * max(error * error, clipped_error * clipped_error);
  }
  return loss;
}

// dLoss/dRatio of the surrogate: 0 where the clipped branch is the larger one (ratio above the range with A > 0, below
// it with A < 0).
fn d_pg_loss_d_ratio(ratio: f32, advantage: f32, hyper: Hyper) -> f32 {
  if (hyper.penalty == 0u) {
    if (advantage > 0.0 && ratio > 1.0 + hyper.clip_coef) { return 0.0; }
    if (advantage < 0.0 && ratio < 1.0 - hyper.clip_coef) { return 0.0; }
  }
  return -advantage;
}

// dLoss/dValue of the value loss: outside the clip range the clipped branch is constant.
fn d_v_loss_d_value(s: Sample, hyper: Hyper) -> f32 {
  let error = s.value - s.target_return;
  let change = s.value - s.old_value;
  if (hyper.clip_vloss != 0u && abs(change) > hyper.vf_clip_coef) {
    let clipped_error = s.old_value + sign(change) * hyper.vf_clip_coef - s.target_return;
    if (clipped_error * clipped_error > error * error) { return 0.0; }
  }
  return error;
}

// Derivatives of pgLoss - entCoef entropy + vfCoef vLoss + klCoef KL, times `scale` (1 / minibatchSize).
fn sample_gradient(s: Sample, loss: SampleLoss, hyper: Hyper, kl_coef: f32, scale: f32) -> SampleGradient {
  let d_ratio = d_pg_loss_d_ratio(loss.ratio, s.advantage, hyper);
  let d_logprob = d_ratio * loss.ratio;
  let d_loss = Evaluation(scale * d_logprob, -scale * hyper.ent_coef, scale * kl_coef);
  var gradient: SampleGradient;
  gradient.d_outputs = dist_backward(s.outputs, s.log_std, s.old_outputs, s.old_log_std, s.action, d_loss, &gradient.d_log_std);
  gradient.d_value = scale * hyper.vf_coef * d_v_loss_d_value(s, hyper);
  return gradient;
}
