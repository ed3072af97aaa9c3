// The inputs of the policy loss of one row; policy_rows.wgsl finds them.
//#import "shaders/lib/update/objective.wgsl"
//#import "shaders/lib/policy/policy_rows.wgsl"

// `advantage` as it enters the loss.
fn policy_sample_of(head: u32, record: u32, agent: u32, advantage: f32) -> PolicySample {
  let p = policy_of(head, record, agent);
  let old = old_policy_of(record, p.mask);
  return PolicySample(dist_prepare(p), dist_prepare(old), stored_action(record), stored(record + AT_LOGPROB), advantage);
}
