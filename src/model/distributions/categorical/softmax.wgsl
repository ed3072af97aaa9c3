// A choice among the logits [first, end), of those that the mask allows. A forbidden one has probability 0: it is never
// drawn, adds nothing to entropy and KL, and has no gradient.
// Twin: src/model/distributions/categorical/softmax.ts
//#import "shaders/lib/policy/policy.wgsl"

const FORBIDDEN = -1e30; // its log-probability: finite, and exp of it is 0

// log pi of every choice, to `logp`.
fn log_softmax(logits: Outputs, mask: Mask, first: u32, end: u32, logp: ptr<function, Outputs>) {
  var largest = FORBIDDEN;
  for (var i = first; i < end; i++) {
    if (allowed(mask, i)) { largest = max(largest, logits[i]); }
  }
  var sum = 0.0;
  for (var i = first; i < end; i++) {
    if (allowed(mask, i)) { sum += exp(logits[i] - largest); }
  }
  if (MASKED && sum == 0.0) { sum = 1.0; } // nothing is allowed: a fault, which health.wgsl reports
  let log_sum = largest + log(sum);
  for (var i = first; i < end; i++) { (*logp)[i] = select(FORBIDDEN, logits[i] - log_sum, allowed(mask, i)); }
}

// Inverse of the cumulative distribution at one uniform number, counted from `first`; if rounding errors leave no
// choice, the last one with non-zero probability.
fn draw_choice(logp: ptr<function, Outputs>, first: u32, end: u32, u: f32) -> f32 {
  var cumulative = 0.0;
  var chosen = first;
  for (var i = first; i < end; i++) {
    let p = exp((*logp)[i]);
    cumulative += p;
    if (p > 0.0) { chosen = i; }
    if (u < cumulative) { break; }
  }
  return f32(chosen - first);
}

fn choice_entropy(logp: ptr<function, Outputs>, first: u32, end: u32) -> f32 {
  var entropy = 0.0;
  for (var i = first; i < end; i++) { entropy -= exp((*logp)[i]) * (*logp)[i]; }
  return entropy;
}

fn choice_kl(logp: ptr<function, Outputs>, old_logp: ptr<function, Outputs>, first: u32, end: u32) -> f32 {
  var kl = 0.0;
  for (var i = first; i < end; i++) { kl += exp((*old_logp)[i]) * ((*old_logp)[i] - (*logp)[i]); }
  return kl;
}

// The chain rule to the logits [first, end), for the taken choice `chosen`.
fn choice_backward(logp: ptr<function, Outputs>, old_logp: ptr<function, Outputs>, first: u32, end: u32, chosen: u32,
                   d_loss: Evaluation, d_logits: ptr<function, Outputs>) {
  let entropy = choice_entropy(logp, first, end);
  for (var i = first; i < end; i++) {
    let p = exp((*logp)[i]);
    let d_logprob_d_logit = select(0.0, 1.0, i == chosen) - p;
    let d_entropy_d_logit = -p * ((*logp)[i] + entropy);
    let d_kl_d_logit = p - exp((*old_logp)[i]);
    (*d_logits)[i] = d_loss.logprob * d_logprob_d_logit + d_loss.entropy * d_entropy_d_logit + d_loss.kl * d_kl_d_logit;
  }
}
