// One optimiser step on four parameters: clip the gradient by its global norm, then Adam (Kingma and Ba 2015, as in
// PyTorch): m_hat / (sqrt(v_hat) + eps); with decoupled weight decay (AdamW, Loshchilov and Hutter 2019).
// Twin: src/reference/adam.ts
//#import "shaders/lib/data/agent.wgsl"

const LOG_STD_MIN = -20.0;
const LOG_STD_MAX = 2.0;

struct AdamStep {
  parameter: vec4f,
  m: vec4f,
  v: vec4f,
}

// 1 - beta^t from ln(beta), exact where beta^t is near 1.
fn bias_correction(log_beta: f32, t: f32) -> f32 {
  let x = log_beta * t;
  if (x < -0.25) { return 1.0 - exp(x); }
  return -x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 + x * (1.0 / 720.0))))));
}

// What all parameters have in common in one step.
struct AdamRule {
  scale: f32,             // of the gradient: clip by the global norm, as torch.nn.utils.clip_grad_norm_
  learning_rate: f32,
  kept: f32,              // of a parameter, after the decay of weights
  beta1: f32,
  beta2: f32,
  correction1: f32,       // 1 - beta1^t
  correction2: f32,
  eps: f32,
}

// `t` counts the steps applied, this one included.
fn adam_rule(norm: f32, t: f32, learning_rate: f32, h: Hyper) -> AdamRule {
  return AdamRule(
    min(1.0, h.max_grad_norm / (norm + 1e-6)),
    learning_rate,
    1.0 - learning_rate * h.weight_decay,
    h.adam_beta1,
    h.adam_beta2,
    bias_correction(h.log_adam_beta1, t),
    bias_correction(h.log_adam_beta2, t),
    h.adam_eps,
  );
}

fn adam_step(before: AdamStep, gradient: vec4f, rule: AdamRule) -> AdamStep {
  let g = gradient * rule.scale;
  let m = rule.beta1 * before.m + (1.0 - rule.beta1) * g;
  let v = rule.beta2 * before.v + (1.0 - rule.beta2) * g * g;
  let m_hat = m / rule.correction1;
  let v_hat = v / rule.correction2;
  return AdamStep(before.parameter * rule.kept - rule.learning_rate * m_hat / (sqrt(v_hat) + rule.eps), m, v);
}

// A parameter whose step would not be finite keeps its value and its moments. `ok` marks the finite ones.
fn keep_finite(before: AdamStep, after: AdamStep, ok: vec4<bool>) -> AdamStep {
  return AdamStep(
    select(before.parameter, after.parameter, ok),
    select(before.m, after.m, ok),
    select(before.v, after.v, ok),
  );
}

fn step_is_finite(after: AdamStep) -> vec4<bool> {
  return are_finite(after.parameter) & are_finite(after.m) & are_finite(after.v);
}

fn project_log_std(log_std: vec4f) -> vec4f {
  return clamp(log_std, vec4f(LOG_STD_MIN), vec4f(LOG_STD_MAX));
}
