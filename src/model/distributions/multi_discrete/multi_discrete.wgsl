// The slot `dist` for several discrete choices per step: part i is a choice among the logits of PART_END[i - 1] up to
// PART_END[i], and uses draw i of the actions' stream. Log-probability, entropy and KL are sums over the parts.
// Twin: src/model/distributions/multi_discrete/multi_discrete.ts
//#import "src/model/distributions/categorical/softmax.wgsl"
//#import "shaders/lib/policy/parts.wgsl"
//#import "shaders/lib/rng.wgsl"

fn dist_prepare(given: Policy) -> Policy {
  var logp: Outputs;
  for (var part = 0u; part < PARTS; part++) {
    log_softmax(given.outputs, given.mask, part_first(part), part_end(part), &logp);
  }
  return Policy(logp, given.own, given.mask);
}

fn dist_sample(p: Policy, rng: ptr<function, Rng>) -> StoredAction {
  var logp = p.outputs;
  var action: StoredAction;
  for (var part = 0u; part < PARTS; part++) {
    action[part] = draw_choice(&logp, part_first(part), part_end(part), rng_uniform(rng));
  }
  return action;
}

fn dist_logprob(p: Policy, action: StoredAction) -> f32 {
  var logp = p.outputs;
  var logprob = 0.0;
  for (var part = 0u; part < PARTS; part++) { logprob += logp[part_first(part) + u32(action[part])]; }
  return logprob;
}

fn dist_evaluate(p: Policy, old: Policy, action: StoredAction) -> Evaluation {
  var logp = p.outputs;
  var old_logp = old.outputs;
  var e: Evaluation;
  for (var part = 0u; part < PARTS; part++) {
    let first = part_first(part);
    let end = part_end(part);
    e.logprob += logp[first + u32(action[part])];
    e.entropy += choice_entropy(&logp, first, end);
    e.kl += choice_kl(&logp, &old_logp, first, end);
  }
  return e;
}

fn dist_backward(p: Policy, old: Policy, action: StoredAction, d_loss: Evaluation, d_own: ptr<function, Own>) -> Outputs {
  var logp = p.outputs;
  var old_logp = old.outputs;
  var d_logits: Outputs;
  for (var part = 0u; part < PARTS; part++) {
    let first = part_first(part);
    choice_backward(&logp, &old_logp, first, part_end(part), first + u32(action[part]), d_loss, &d_logits);
  }
  return d_logits;
}
