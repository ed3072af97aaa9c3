// The slot `reset` for environments whose first states depend on nothing but random numbers.
//#import "shaders/lib/rng.wgsl"
//#import "env"

fn first_state(rng: ptr<function, Rng>) -> EnvState {
  return env_reset(rng);
}

fn next_state(rng: ptr<function, Rng>, previous: ptr<function, EnvState>) -> EnvState {
  return env_reset(rng);
}
