// The slot `action` for discrete spaces: a stored action as the environment takes it.
fn read_action(at: u32) -> Action {
  return Action(transitions[at]);
}
