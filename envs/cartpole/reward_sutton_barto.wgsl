/// Gymnasium's `sutton_barto_reward=True`: 0, and -1 for the step that terminates.
fn cartpole_reward(terminated: bool) -> f32 {
  return select(0.0, -1.0, terminated);
}
