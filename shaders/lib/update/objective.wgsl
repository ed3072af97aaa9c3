// PPO's loss for one sample, and its derivatives: Schulman et al. 2017, eq. 7 (clip) and eq. 8 (penalty), with the dual
// clip of Ye et al. 2020; the value loss is clipped as in openai/baselines. All values are per sample; the caller takes
// means.
// Twin: src/reference/ppo_loss.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/policy/policy.wgsl"
//#import "dist"

// What one sample adds to the sums of the policy loss of a minibatch.
struct PolicyLoss {
  pg_loss: f32,
  entropy: f32,
  approx_kl: f32,
  old_approx_kl: f32,
  clipfrac: f32,
  kl: f32,
  situation: u32,         // ratio below (0), inside (1), above (2) the range; + 3 if the advantage is negative; 6: none
  new_logprob: f32,
  ratio: f32,
}

struct PolicySample {
  policy: Policy,
  old: Policy,
  action: StoredAction,
  old_logprob: f32,
  advantage: f32,
}

struct ValueSample {
  value: f32,
  old_value: f32,
  target_return: f32,
}

// exp(x) - 1 - x without cancellation near 0.
fn exp_minus_1_minus(x: f32) -> f32 {
  if (abs(x) > 0.25) { return exp(x) - 1.0 - x; }
  return x * x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 + x / 720.0))));
}

fn policy_loss(s: PolicySample, h: Hyper) -> PolicyLoss {
  let e = dist_evaluate(s.policy, s.old, s.action);
  let logratio = e.logprob - s.old_logprob;
  let ratio = exp(logratio);
  var loss: PolicyLoss;
  loss.new_logprob = e.logprob;
  loss.ratio = ratio;
  loss.entropy = e.entropy;
  loss.kl = e.kl;
  loss.approx_kl = exp_minus_1_minus(logratio);
  loss.old_approx_kl = -logratio;
  if (h.penalty != 0u) {
    loss.pg_loss = -s.advantage * ratio;
    loss.situation = 6u;
  } else {
    let clipped_ratio = clamp(ratio, 1.0 - h.clip_coef, 1.0 + h.clip_coef);
    loss.pg_loss = max(-s.advantage * ratio, -s.advantage * clipped_ratio);
    if (dual_clipped(ratio, s.advantage, h)) { loss.pg_loss = -s.advantage * h.dual_clip; }
    loss.clipfrac = select(0.0, 1.0, abs(ratio - 1.0) > h.clip_coef);
    let place = select(select(1u, 2u, ratio > 1.0 + h.clip_coef), 0u, ratio < 1.0 - h.clip_coef);
    loss.situation = place + select(0u, 3u, s.advantage < 0.0);
  }
  return loss;
}

// Whether the dual clip of Ye et al. 2020 bounds the loss: where A < 0 it is at most -A dual_clip.
fn dual_clipped(ratio: f32, advantage: f32, h: Hyper) -> bool {
  return advantage < 0.0 && ratio > h.dual_clip;
}

// dLoss/dRatio of the surrogate: 0 where the clipped branch is the larger one (ratio above the range with A > 0, below
// it with A < 0).
fn d_pg_loss_d_ratio(ratio: f32, advantage: f32, h: Hyper) -> f32 {
  if (h.penalty == 0u) {
    if (advantage > 0.0 && ratio > 1.0 + h.clip_coef) { return 0.0; }
    if (advantage < 0.0 && ratio < 1.0 - h.clip_coef) { return 0.0; }
    if (dual_clipped(ratio, advantage, h)) { return 0.0; }
  }
  return -advantage;
}

// Derivatives of pgLoss - entCoef entropy + klCoef KL with respect to the policy's outputs, times `scale` (1 /
// minibatchSize).
fn d_policy_loss(s: PolicySample, ratio: f32, h: Hyper, kl_coef: f32, scale: f32, d_own: ptr<function, Own>) -> Outputs {
  let d_logprob = d_pg_loss_d_ratio(ratio, s.advantage, h) * ratio;
  let d_loss = Evaluation(scale * d_logprob, -scale * h.ent_coef, scale * kl_coef);
  return dist_backward(s.policy, s.old, s.action, d_loss, d_own);
}

fn value_loss(s: ValueSample, h: Hyper) -> f32 {
  let error = s.value - s.target_return;
  if (h.clip_vloss == 0u) { return 0.5 * error * error; }
  let clipped_error = s.old_value + clamp(s.value - s.old_value, -h.vf_clip_coef, h.vf_clip_coef) - s.target_return;
  return 0.5 * max(error * error, clipped_error * clipped_error);
}

// Derivative of vfCoef vLoss with respect to the value, times `scale`: outside the range the clipped branch is
// constant.
fn d_value_loss(s: ValueSample, h: Hyper, scale: f32) -> f32 {
  let error = s.value - s.target_return;
  let change = s.value - s.old_value;
  if (h.clip_vloss != 0u && abs(change) > h.vf_clip_coef) {
    let clipped_error = s.old_value + sign(change) * h.vf_clip_coef - s.target_return;
    if (clipped_error * clipped_error > error * error) { return 0.0; }
  }
  return scale * h.vf_coef * error;
}
