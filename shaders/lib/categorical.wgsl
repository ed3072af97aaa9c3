// The slot `dist` for discrete actions: a categorical distribution given by logits.
// Twin: src/reference/categorical.ts
//#import "shape"
//#import "shaders/lib/rng.wgsl"

const ACTION_COUNT = 1u; // stored numbers per action

alias Outputs = array<f32, ACTION_DIM>;   // logits
alias StoredAction = array<f32, ACTION_COUNT>;

struct Evaluation {
  logprob: f32,
  entropy: f32,
  kl: f32,                // KL(old || new)
}

fn log_softmax(logits: Outputs) -> Outputs {
  var largest = logits[0];
  for (var i = 1u; i < ACTION_DIM; i++) { largest = max(largest, logits[i]); }
  var sum = 0.0;
  for (var i = 0u; i < ACTION_DIM; i++) { sum += exp(logits[i] - largest); }
  let log_sum = largest + log(sum);
  var result: Outputs;
  for (var i = 0u; i < ACTION_DIM; i++) { result[i] = logits[i] - log_sum; }
  return result;
}

// Inverse of the cumulative distribution at one uniform number; a scan that falls off the end takes the last action with
// non-zero probability.
fn dist_sample(logits: Outputs, log_std: Outputs, rng: ptr<function, Rng>) -> StoredAction {
  let logp = log_softmax(logits);
  let u = rng_uniform(rng);
  var cumulative = 0.0;
  var chosen = 0u;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let p = exp(logp[i]);
    cumulative += p;
    if (p > 0.0) { chosen = i; }
    if (u < cumulative) { break; }
  }
  return StoredAction(f32(chosen));
}

fn dist_logprob(logits: Outputs, log_std: Outputs, action: StoredAction) -> f32 {
  return log_softmax(logits)[u32(action[0])];
}

fn dist_evaluate(logits: Outputs, log_std: Outputs, old_logits: Outputs, old_log_std: Outputs, action: StoredAction) -> Evaluation {
  let logp = log_softmax(logits);
  let old_logp = log_softmax(old_logits);
  var e = Evaluation(logp[u32(action[0])], 0.0, 0.0);
  for (var i = 0u; i < ACTION_DIM; i++) {
    e.entropy -= exp(logp[i]) * logp[i];
    e.kl += exp(old_logp[i]) * (old_logp[i] - logp[i]);
  }
  return e;
}

// The chain rule from (logprob, entropy, kl) to logits; `d_log_std` stays untouched.
fn dist_backward(logits: Outputs, log_std: Outputs, old_logits: Outputs, old_log_std: Outputs, action: StoredAction,
                 d_loss: Evaluation, d_log_std: ptr<function, Outputs>) -> Outputs {
  let logp = log_softmax(logits);
  let old_logp = log_softmax(old_logits);
  var entropy = 0.0;
  for (var i = 0u; i < ACTION_DIM; i++) { entropy -= exp(logp[i]) * logp[i]; }
  var d_logits: Outputs;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let p = exp(logp[i]);
    let d_logprob_d_logit = select(0.0, 1.0, i == u32(action[0])) - p;
    let d_entropy_d_logit = -p * (logp[i] + entropy);
    let d_kl_d_logit = p - exp(old_logp[i]);
    d_logits[i] = d_loss.logprob * d_logprob_d_logit + d_loss.entropy * d_entropy_d_logit + d_loss.kl * d_kl_d_logit;
  }
  return d_logits;
}
