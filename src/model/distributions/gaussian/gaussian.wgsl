// The slot `dist` for boxes: a diagonal Gaussian with given means and a state-independent log standard deviation, which is
// its own parameter. Actions are stored unclipped; log-probability and entropy are the unclipped Gaussian's, summed over
// dimensions.
// Twin: src/model/distributions/gaussian/gaussian.ts
//#import "shaders/lib/policy/policy.wgsl"
//#import "shaders/lib/rng.wgsl"

const HALF_LOG_TAU = 0.9189385332046727; // ln(2 pi) / 2

fn dist_prepare(given: Policy) -> Policy { return given; }

// Dimensions 2k and 2k + 1 share one Box-Muller pair.
fn dist_sample(p: Policy, rng: ptr<function, Rng>) -> StoredAction {
  var action: StoredAction;
  for (var i = 0u; i < ACTION_DIM; i += 2u) {
    let noise = rng_normal_pair(rng);
    action[i] = p.outputs[i] + exp(p.own[i]) * noise.x;
    if (i + 1u < ACTION_DIM) { action[i + 1u] = p.outputs[i + 1u] + exp(p.own[i + 1u]) * noise.y; }
  }
  return action;
}

fn dist_logprob(p: Policy, action: StoredAction) -> f32 {
  var logprob = 0.0;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let z = (action[i] - p.outputs[i]) * exp(-p.own[i]);
    logprob -= 0.5 * z * z + p.own[i] + HALF_LOG_TAU;
  }
  return logprob;
}

fn dist_evaluate(p: Policy, old: Policy, action: StoredAction) -> Evaluation {
  var e = Evaluation(dist_logprob(p, action), 0.0, 0.0);
  for (var i = 0u; i < ACTION_DIM; i++) {
    e.entropy += 0.5 + HALF_LOG_TAU + p.own[i];
    let shift = (p.outputs[i] - old.outputs[i]) * exp(-p.own[i]);
    let log_scale = old.own[i] - p.own[i];
    e.kl += 0.5 * (shift * shift + exp(2.0 * log_scale) - 1.0) - log_scale;
  }
  return e;
}

fn dist_backward(p: Policy, old: Policy, action: StoredAction, d_loss: Evaluation, d_own: ptr<function, Own>) -> Outputs {
  var d_means: Outputs;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let inv_std = exp(-p.own[i]);
    let z = (action[i] - p.outputs[i]) * inv_std;
    let shift = (p.outputs[i] - old.outputs[i]) * inv_std;
    let ratio = exp(2.0 * (old.own[i] - p.own[i]));
    d_means[i] = (d_loss.logprob * z + d_loss.kl * shift) * inv_std;
    (*d_own)[i] = d_loss.logprob * (z * z - 1.0) + d_loss.entropy + d_loss.kl * (1.0 - ratio - shift * shift);
  }
  return d_means;
}
