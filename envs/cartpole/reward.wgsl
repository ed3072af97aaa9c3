/// CartPole-v0 and CartPole-v1: 1 for every step, the last one included.
fn cartpole_reward(terminated: bool) -> f32 {
  return 1.0;
}
