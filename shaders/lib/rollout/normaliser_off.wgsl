// The slot `normaliser` where observations and rewards are not normalised.
//#import "shaders/lib/rollout/observed.wgsl"
//#import "env"

fn normalise_obs(obs: ptr<function, SeenObs>, agent: u32) {}

fn count_step(before: EnvState, reward: f32, done: bool, agent: u32, env: u32) -> f32 {
  return reward;
}
