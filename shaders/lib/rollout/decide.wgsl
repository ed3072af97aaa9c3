// Samples the action of one environment and stores the decision: outputs, the distribution's own parameters, action,
// log-probability.
// Needs from the importer: progress; transitions: array<f32>, read_write; and the needs of policy_rows.wgsl.
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/policy/policy_rows.wgsl"
//#import "dist"

fn decide(head: u32, record: u32, agent: u32, env: u32, global_step: u32) {
  let given = policy_of(head, record, agent);
  for (var i = 0u; i < ACTION_DIM; i++) {
    transitions[record + AT_OLD_OUT + i] = given.outputs[i];
    if (OWN_DIM > 0u) { transitions[record + AT_OLD_OWN + i] = given.own[i]; }
  }
  let p = dist_prepare(given);
  var rng = make_rng(progress[agent].seed, global_step, STREAM_ACTION, env);
  let action = dist_sample(p, &rng);
  for (var i = 0u; i < ACTION_COUNT; i++) { transitions[record + AT_ACTION + i] = action[i]; }
  transitions[record + AT_LOGPROB] = dist_logprob(p, action);
}
