// The slot `dist` for discrete actions: one choice among ACTION_DIM logits.
// Twin: src/model/distributions/categorical/categorical.ts
//#import "src/model/distributions/categorical/softmax.wgsl"
//#import "shaders/lib/rng.wgsl"

fn dist_sample(p: Policy, rng: ptr<function, Rng>) -> StoredAction {
  var logp: Outputs;
  log_softmax(p.outputs, p.mask, 0u, ACTION_DIM, &logp);
  return StoredAction(draw_choice(&logp, 0u, ACTION_DIM, rng_uniform(rng)));
}

fn dist_logprob(p: Policy, action: StoredAction) -> f32 {
  var logp: Outputs;
  log_softmax(p.outputs, p.mask, 0u, ACTION_DIM, &logp);
  return logp[u32(action[0])];
}

fn dist_evaluate(p: Policy, old: Policy, action: StoredAction) -> Evaluation {
  var logp: Outputs;
  var old_logp: Outputs;
  log_softmax(p.outputs, p.mask, 0u, ACTION_DIM, &logp);
  log_softmax(old.outputs, old.mask, 0u, ACTION_DIM, &old_logp);
  let kl = choice_kl(&logp, &old_logp, 0u, ACTION_DIM);
  return Evaluation(logp[u32(action[0])], choice_entropy(&logp, 0u, ACTION_DIM), kl);
}

fn dist_backward(p: Policy, old: Policy, action: StoredAction, d_loss: Evaluation, d_own: ptr<function, Own>) -> Outputs {
  var logp: Outputs;
  var old_logp: Outputs;
  log_softmax(p.outputs, p.mask, 0u, ACTION_DIM, &logp);
  log_softmax(old.outputs, old.mask, 0u, ACTION_DIM, &old_logp);
  var d_logits: Outputs;
  choice_backward(&logp, &old_logp, 0u, ACTION_DIM, u32(action[0]), d_loss, &d_logits);
  return d_logits;
}
