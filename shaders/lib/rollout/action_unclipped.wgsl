// The slot `action` for replays on boxes: the action as it was recorded, inside the bounds or not.
fn read_action(at: u32) -> Action {
  var action: Action;
  for (var i = 0u; i < ACTION_DIM; i++) { action[i] = transitions[at + i]; }
  return action;
}
