// The slot `action` for boxes: the stored action is unclipped; the environment gets it clipped to the bounds, which the
// host gives in the slot `bounds` (ACTION_LOW, ACTION_HIGH).
//#import "bounds"
fn read_action(at: u32) -> Action {
  var action: Action;
  for (var i = 0u; i < ACTION_DIM; i++) { action[i] = clamp(transitions[at + i], ACTION_LOW[i], ACTION_HIGH[i]); }
  return action;
}
