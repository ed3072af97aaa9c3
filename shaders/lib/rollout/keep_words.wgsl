// Writes the last observation of an episode, of words: the module that stands for keep_last.wgsl in grid_rollout.
// Needs from the importer: observations, final_observations: array<u32>, read_write; args: RolloutArgs.
//#import "shaders/lib/rollout/env_place.wgsl"
//#import "shaders/lib/rollout/frames.wgsl"
//#import "shaders/lib/rollout/observed.wgsl"
//#import "env"

fn keep_last(p: EnvPlace, state: ptr<function, EnvState>, obs: ptr<function, SeenObs>) {
  let before = stack_at(p.agent, p.step, p.env, args.num_steps, args.num_envs);
  let last = final_stack_at(p.agent, p.step, p.env, args.num_steps, args.num_envs);
  for (var word = 0u; word < STACK_WORDS; word++) {
    final_observations[last + word] = stack_word(*state, word, before, 1u, false);
  }
}
