// The interface of an action distribution. The slot `dist` has its functions, for one row. The first one is called once for
// a policy, before the others:
//   fn dist_prepare(given: Policy) -> Policy
//     logits become log-probabilities; means stay what they are
//   fn dist_sample(p: Policy, rng: ptr<function, Rng>) -> StoredAction
//   fn dist_logprob(p: Policy, action: StoredAction) -> f32
//   fn dist_evaluate(p: Policy, old: Policy, action: StoredAction) -> Evaluation
//   fn dist_backward(p: Policy, old: Policy, action: StoredAction, d_loss: Evaluation, d_own: ptr<function, Own>) -> Outputs
//     the chain rule from (logprob, entropy, kl) to the outputs, which it returns, and to its own parameters
//#import "shape"
//#import "shaders/lib/policy/mask.wgsl"

alias Outputs = array<f32, ACTION_DIM>;           // logits, then log-probabilities; or means
alias Own = array<f32, max(OWN_DIM, 1u)>;         // its own parameters, not outputs of a network
alias StoredAction = array<f32, ACTION_COUNT>;    // indices, or the unclipped vector

// The distribution of one row.
struct Policy {
  outputs: Outputs,
  own: Own,
  mask: Mask,
}

struct Evaluation {
  logprob: f32,
  entropy: f32,
  kl: f32,                // KL(old || new)
}
