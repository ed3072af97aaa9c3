// The slot `reset` for environments whose env_reset has a second parameter, the last state of the episode before; all of
// it is 0 before the first episode.
//#import "shaders/lib/rng.wgsl"
//#import "env"

fn first_state(rng: ptr<function, Rng>) -> EnvState {
  return env_reset(rng, EnvState());
}

fn next_state(rng: ptr<function, Rng>, previous: ptr<function, EnvState>) -> EnvState {
  return env_reset(rng, *previous);
}
