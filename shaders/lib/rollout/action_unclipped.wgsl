// The slot `action` for replays on boxes: the recorded action, also outside the bounds.
fn read_action(at: u32) -> Action {
  var action: Action;
  for (var i = 0u; i < ACTION_DIM; i++) { action[i] = transitions[at + i]; }
  return action;
}
