// One framework step of one environment: act, count, truncate at the time limit, keep the final observation, reset in
// the same step, store what the action caused. `terminated` and `truncated` are kept apart; both may be 1.
// The reward that is stored, and both observations, are those that the agent learns from (slot `normaliser`); episodes
// count raw rewards.
// Wants from the importer: transitions, final_obs: array<f32>, read_write; env_states, episodes.
// Twin: src/reference/step_envs.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/episode.wgsl"
//#import "record"
//#import "env"
//#import "action"
//#import "normaliser"

struct EnvPlace {
  at: u32,                // in env_states and episodes
  agent: u32,
  env: u32,
  record: u32,            // of this step, in transitions
  final_record: u32,      // of this step, in final_obs
  seed: u32,
  global_step: u32,
}

// Returns the observation that the next action sees.
fn step_one_env(p: EnvPlace, max_episode_steps: u32) -> array<f32, OBS_DIM> {
  let before = env_states[p.at];
  var state = before;
  var episode = episodes[p.at];
  var rng = make_rng(p.seed, p.global_step, STREAM_ENV_STEP, p.env);
  let result = env_step(&state, read_action(p.record + AT_ACTION), &rng);
  episode.episodic_return += result.reward;
  episode.episodic_length += 1.0;
  let terminated = result.terminated != 0u;
  let truncated = episode.episodic_length + episode.steps_skipped >= f32(max_episode_steps);
  transitions[p.record + AT_REWARD] = count_step(before, result.reward, terminated || truncated, p.agent, p.env);
  transitions[p.record + AT_TERMINATED] = select(0.0, 1.0, terminated);
  transitions[p.record + AT_TRUNCATED] = select(0.0, 1.0, truncated);

  var obs = normalise_obs(env_observe(state), p.agent);
  if (terminated || truncated) {
    for (var i = 0u; i < OBS_DIM; i++) { final_obs[p.final_record + i] = obs[i]; }
    episode = end_episode(episode);
    var reset_rng = make_rng(p.seed, p.global_step + 1u, STREAM_ENV_RESET, p.env);
    state = env_reset(&reset_rng);
    obs = normalise_obs(env_observe(state), p.agent);
  }
  env_states[p.at] = state;
  episodes[p.at] = episode;
  return obs;
}
