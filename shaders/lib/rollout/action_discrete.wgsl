// The slot `action` for discrete spaces: reads the stored action in the form that the environment takes.
fn read_action(at: u32) -> Action {
  return Action(transitions[at]);
}
