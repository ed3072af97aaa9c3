// The slot `dist` for discrete actions: one choice among ACTION_DIM logits.
// Twin: src/model/distributions/categorical/categorical.ts
//#import "src/model/distributions/categorical/softmax.wgsl"
//#import "shaders/lib/rng.wgsl"

fn dist_prepare(given: Policy) -> Policy {
  var logp: Outputs;
  log_softmax(given.outputs, given.mask, 0u, ACTION_DIM, &logp);
  return Policy(logp, given.own, given.mask);
}

fn dist_sample(p: Policy, rng: ptr<function, Rng>) -> StoredAction {
  var logp = p.outputs;
  return StoredAction(draw_choice(&logp, 0u, ACTION_DIM, rng_uniform(rng)));
}

fn dist_logprob(p: Policy, action: StoredAction) -> f32 {
  var logp = p.outputs;
  return logp[u32(action[0])];
}

fn dist_evaluate(p: Policy, old: Policy, action: StoredAction) -> Evaluation {
  var logp = p.outputs;
  var old_logp = old.outputs;
  let kl = choice_kl(&logp, &old_logp, 0u, ACTION_DIM);
  return Evaluation(logp[u32(action[0])], choice_entropy(&logp, 0u, ACTION_DIM), kl);
}

fn dist_backward(p: Policy, old: Policy, action: StoredAction, d_loss: Evaluation, d_own: ptr<function, Own>) -> Outputs {
  var logp = p.outputs;
  var old_logp = old.outputs;
  var d_logits: Outputs;
  choice_backward(&logp, &old_logp, 0u, ACTION_DIM, u32(action[0]), d_loss, &d_logits);
  return d_logits;
}
