// The slot `action` for several discrete choices per step: one stored index for each part.
fn read_action(at: u32) -> Action {
  var action: Action;
  for (var i = 0u; i < ACTION_COUNT; i++) { action[i] = u32(transitions[at + i]); }
  return action;
}
