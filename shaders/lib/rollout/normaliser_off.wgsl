// The slot `normaliser` where observations and rewards are not normalised.
//#import "env"

fn normalise_obs(obs: ptr<function, array<f32, OBS_DIM>>, agent: u32) {}

fn count_step(before: EnvState, reward: f32, done: bool, agent: u32, env: u32) -> f32 {
  return reward;
}
