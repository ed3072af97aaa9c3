// One framework step of one environment: act, count, truncate at the time limit, keep the final observation, reset in
// the same step, store the results of the action. `terminated` and `truncated` are separate; both may be 1.
// The stored reward and both observations are normalised where that is on (slot `normaliser`); episodes count raw
// rewards.
// An environment whose step gives a non-finite value, or whose mask allows no choice, stands still from then on: its
// state and episode stay as before the step, and the flags record it.
// Needs from the importer: transitions: array<f32>, read_write; env_states, episodes; args.num_envs; hyper, where the
// environment has parameters; and the needs of keep_last.wgsl.
// Twin: src/reference/step_envs.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/rollout/episode.wgsl"
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/policy/some_choice.wgsl"
//#import "shaders/lib/rollout/observed.wgsl"
//#import "shaders/lib/rollout/keep_last.wgsl"
//#import "env"
//#import "reset"
//#import "params"
//#import "finite"
//#import "action"
//#import "learning"
//#import "normaliser"

// What env_step returns as `terminated` where the game goes on.
const LIFE_LOST = 2u;

fn obs_are_finite(obs: ptr<function, SeenObs>) -> bool {
  var largest = 0u;
  for (var i = 0u; i < SEEN_FLOATS; i++) { largest = max(largest, magnitude_bits((*obs)[i])); }
  return largest < INFINITE_BITS;
}

// Writes the observation for the next action to `obs`.
fn step_one_env(p: EnvPlace, max_episode_steps: u32, obs: ptr<function, SeenObs>) {
  let before = env_states[p.at];
  use_params(p.agent, p.seed, p.global_step - u32(episodes[p.at].episodic_length), p.env);
  let stood = p.step > 0u && has_flag(u32(transitions[p.record - args.num_envs * RECORD_STRIDE + AT_FLAGS]), FLAG_STANDS_STILL);
  if (stood || !some_choice(p.record)) {
    transitions[p.record + AT_REWARD] = 0.0;
    transitions[p.record + AT_FLAGS] = f32(FLAG_STANDS_STILL);
    see_state(before, obs);
    normalise_obs(obs, p.agent);
    return;
  }
  var state = before;
  var episode = episodes[p.at];
  var rng = make_rng(p.seed, p.global_step, STREAM_ENV_STEP, p.env);
  let result = env_step(&state, read_action(p.record + AT_ACTION), &rng);
  episode = add_step(episode, result.reward);
  let terminated = result.terminated != 0u && result.terminated != LIFE_LOST;
  let truncated = episode.episodic_length + episode.steps_skipped >= f32(max_episode_steps);
  see_state(state, obs);
  let finite_state = state_is_finite(&state);
  let finite = finite_state && is_finite(result.reward) && obs_are_finite(obs);
  let life_lost = EPISODIC_LIFE && result.terminated == LIFE_LOST;
  let ends = flag(FLAG_TERMINATED, terminated || life_lost) | flag(FLAG_TRUNCATED, truncated) |
    flag(FLAG_LIFE_LOST, life_lost && !truncated);

  normalise_obs(obs, p.agent);
  if (terminated || truncated) { keep_last(p, &state, obs); }
  if (!finite) {
    transitions[p.record + AT_REWARD] = result.reward;
    transitions[p.record + AT_FLAGS] = f32(ends | flag(FLAG_STATE_NOT_FINITE, !finite_state) | FLAG_STANDS_STILL);
    return;
  }
  let learned = select(result.reward, sign(result.reward), SIGN_REWARD);
  transitions[p.record + AT_REWARD] = count_step(before, learned, terminated || truncated, p.agent, p.env);
  transitions[p.record + AT_FLAGS] = f32(ends);
  if (terminated || truncated) {
    episode = end_episode(episode);
    use_params(p.agent, p.seed, p.global_step + 1u, p.env);
    var reset_rng = make_rng(p.seed, p.global_step + 1u, STREAM_ENV_RESET, p.env);
    state = next_state(&reset_rng, &state);
    see_state(state, obs);
    normalise_obs(obs, p.agent);
  }
  env_states[p.at] = state;
  episodes[p.at] = episode;
}
