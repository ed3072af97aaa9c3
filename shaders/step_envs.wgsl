// One step of every environment: act, count, truncate at the time limit, keep the final observation, reset in the same
// step, observe. `terminated` and `truncated` are kept apart; both may be 1.
// threads: one per environment (x), agents along y
// reads:   progress (seed, iteration), stop, transitions [step] (the action)
// writes:  env_states, episodes, final_obs [step], transitions [step] (reward, terminated, truncated), [step + 1] (obs)
// twin:    src/reference/step_envs.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/episode.wgsl"
//#import "record"
//#import "env"
//#import "action"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  max_episode_steps: u32,
  step: u32,
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read_write> env_states: array<EnvState>;
@group(0) @binding(3) var<storage, read_write> episodes: array<Episode>;
@group(0) @binding(4) var<storage, read_write> final_obs: array<f32>;
@group(0) @binding(5) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn step_envs(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let at = agent * args.num_envs + env;
  let record = ((agent * (args.num_steps + 1u) + args.step) * args.num_envs + env) * RECORD_STRIDE;
  let next_record = record + args.num_envs * RECORD_STRIDE;
  let global_step = progress[agent].iteration * args.num_steps + args.step;

  var state = env_states[at];
  var episode = episodes[at];
  var rng = make_rng(progress[agent].seed, global_step, STREAM_ENV_STEP, env);
  let result = env_step(&state, read_action(record + AT_ACTION), &rng);
  episode.episodic_return += result.reward;
  episode.episodic_length += 1.0;
  let terminated = result.terminated != 0u;
  let truncated = episode.episodic_length >= f32(args.max_episode_steps);
  transitions[record + AT_REWARD] = result.reward;
  transitions[record + AT_TERMINATED] = select(0.0, 1.0, terminated);
  transitions[record + AT_TRUNCATED] = select(0.0, 1.0, truncated);

  var obs = env_observe(state);
  if (terminated || truncated) {
    let final_record = ((agent * args.num_steps + args.step) * args.num_envs + env) * OBS_STRIDE;
    for (var i = 0u; i < OBS_DIM; i++) { final_obs[final_record + i] = obs[i]; }
    episode = end_episode(episode);
    var reset_rng = make_rng(progress[agent].seed, global_step + 1u, STREAM_ENV_RESET, env);
    state = env_reset(&reset_rng);
    obs = env_observe(state);
  }
  for (var i = 0u; i < OBS_DIM; i++) { transitions[next_record + AT_OBS + i] = obs[i]; }
  env_states[at] = state;
  episodes[at] = episode;
}
