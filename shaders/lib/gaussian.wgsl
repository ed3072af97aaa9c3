// The slot `dist` for boxes: a diagonal Gaussian with given means and a state-independent log standard deviation. Actions
// are stored unclipped; log-probability and entropy are the unclipped Gaussian's, summed over dimensions.
// Twin: src/reference/gaussian.ts
//#import "shape"
//#import "shaders/lib/rng.wgsl"

const ACTION_COUNT = ACTION_DIM; // stored numbers per action

alias Outputs = array<f32, ACTION_DIM>;   // means
alias StoredAction = array<f32, ACTION_COUNT>;

const HALF_LOG_TAU = 0.9189385332046727; // ln(2 pi) / 2

struct Evaluation {
  logprob: f32,
  entropy: f32,
  kl: f32,                // KL(old || new)
}

// Dimensions 2k and 2k + 1 share one Box-Muller pair.
fn dist_sample(means: Outputs, log_std: Outputs, rng: ptr<function, Rng>) -> StoredAction {
  var action: StoredAction;
  for (var i = 0u; i < ACTION_DIM; i += 2u) {
    let noise = rng_normal_pair(rng);
    action[i] = means[i] + exp(log_std[i]) * noise.x;
    if (i + 1u < ACTION_DIM) { action[i + 1u] = means[i + 1u] + exp(log_std[i + 1u]) * noise.y; }
  }
  return action;
}

fn dist_logprob(means: Outputs, log_std: Outputs, action: StoredAction) -> f32 {
  var logprob = 0.0;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let z = (action[i] - means[i]) * exp(-log_std[i]);
    logprob -= 0.5 * z * z + log_std[i] + HALF_LOG_TAU;
  }
  return logprob;
}

fn dist_evaluate(means: Outputs, log_std: Outputs, old_means: Outputs, old_log_std: Outputs, action: StoredAction) -> Evaluation {
  var e = Evaluation(dist_logprob(means, log_std, action), 0.0, 0.0);
  for (var i = 0u; i < ACTION_DIM; i++) {
    e.entropy += 0.5 + HALF_LOG_TAU + log_std[i];
    let shift = (means[i] - old_means[i]) * exp(-log_std[i]);
    let log_scale = old_log_std[i] - log_std[i];
    e.kl += 0.5 * (shift * shift + exp(2.0 * log_scale) - 1.0) - log_scale;
  }
  return e;
}

// The chain rule from (logprob, entropy, kl) to means and log standard deviations.
fn dist_backward(means: Outputs, log_std: Outputs, old_means: Outputs, old_log_std: Outputs, action: StoredAction,
                 d_loss: Evaluation, d_log_std: ptr<function, Outputs>) -> Outputs {
  var d_means: Outputs;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let inv_std = exp(-log_std[i]);
    let z = (action[i] - means[i]) * inv_std;
    let shift = (means[i] - old_means[i]) * inv_std;
    let ratio = exp(2.0 * (old_log_std[i] - log_std[i]));
    d_means[i] = (d_loss.logprob * z + d_loss.kl * shift) * inv_std;
    (*d_log_std)[i] = d_loss.logprob * (z * z - 1.0) + d_loss.entropy + d_loss.kl * (1.0 - ratio - shift * shift);
  }
  return d_means;
}
