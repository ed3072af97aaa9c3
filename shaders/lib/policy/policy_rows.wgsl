// The policy of one row: the current one from the network's outputs, and the one of the rollout from its record.
// Needs from the importer:
//   fn policy_output(head: u32, i: u32) -> f32, entry i of the network's outputs that begin at `head`;
//   fn own_parameter(agent: u32, i: u32) -> f32, parameter i of the distribution's own;
//   fn stored(at: u32) -> f32, a float of the records.
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/policy/policy.wgsl"

fn mask_of(record: u32) -> Mask {
  var mask: Mask;
  if (MASKED) {
    for (var i = 0u; i < MASK_WORDS; i++) { mask[i] = u32(stored(record + AT_MASK + i)); }
  }
  return mask;
}

// Under the current weights.
fn policy_of(head: u32, record: u32, agent: u32) -> Policy {
  var p: Policy;
  for (var i = 0u; i < ACTION_DIM; i++) {
    p.outputs[i] = policy_output(head, i);
    if (OWN_DIM > 0u) { p.own[i] = own_parameter(agent, i); }
  }
  p.mask = mask_of(record);
  return p;
}

// As it was in the rollout, with the same mask.
fn old_policy_of(record: u32, mask: Mask) -> Policy {
  var p: Policy;
  for (var i = 0u; i < ACTION_DIM; i++) {
    p.outputs[i] = stored(record + AT_OLD_OUT + i);
    if (OWN_DIM > 0u) { p.own[i] = stored(record + AT_OLD_OWN + i); }
  }
  p.mask = mask;
  return p;
}

fn stored_action(record: u32) -> StoredAction {
  var action: StoredAction;
  for (var i = 0u; i < ACTION_COUNT; i++) { action[i] = stored(record + AT_ACTION + i); }
  return action;
}
