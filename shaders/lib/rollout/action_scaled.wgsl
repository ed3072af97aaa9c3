// The slot `action` for boxes with the option scaleActions: the stored action is unclipped, in units of [-1, 1]; the
// environment gets it clipped and scaled to the bounds, which the host gives in the slot `bounds` (ACTION_LOW,
// ACTION_HIGH).
// Twin: src/model/actions.ts
//#import "bounds"
fn read_action(at: u32) -> Action {
  var action: Action;
  for (var i = 0u; i < ACTION_DIM; i++) {
    let share = 0.5 + 0.5 * clamp(transitions[at + i], -1.0, 1.0);
    action[i] = clamp(ACTION_LOW[i] * (1.0 - share) + ACTION_HIGH[i] * share, ACTION_LOW[i], ACTION_HIGH[i]);
  }
  return action;
}
