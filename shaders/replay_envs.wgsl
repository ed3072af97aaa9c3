// One step from given states with given actions, without time limit or reset: for golden transitions.
// threads: one per transition (x)
// reads:   transitions (the action of record i), hyper (parameters of the environment, where it has any)
// writes:  env_states (in place), next_obs [i][SEEN_FLOATS] (packed: next_words [i][GRID_WORDS]), transitions (reward of record i; the step's `terminated` in
//          the place of its flags), draws [i]: how many random numbers the step drew
// twin:    src/reference/replay_envs.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/rollout/observed.wgsl"
//#import "env"
//#import "params"
//#import "params_hyper"
//#import "action"

struct Args {
  count: u32,
  seed: u32,
}

@group(0) @binding(0) var<storage, read_write> transitions: array<f32>;
@group(0) @binding(1) var<storage, read_write> env_states: array<EnvState>;
//#if FLOATS
@group(0) @binding(2) var<storage, read_write> next_obs: array<f32>;
//#end
//#if PACKED
@group(0) @binding(2) var<storage, read_write> next_words: array<u32>;
//#end
@group(0) @binding(3) var<storage, read_write> draws: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn replay_envs(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= args.count) { return; }
  var state = env_states[i];
  use_params(0u, args.seed, 0u, i);
  var rng = make_rng(args.seed, 0u, STREAM_ENV_STEP, i);
  let result = env_step(&state, read_action(i * RECORD_STRIDE + AT_ACTION), &rng);
//#if FLOATS
  var obs: SeenObs;
  see_state(state, &obs);
  for (var k = 0u; k < SEEN_FLOATS; k++) { next_obs[i * SEEN_FLOATS + k] = obs[k]; }
//#end
//#if PACKED
  for (var k = 0u; k < GRID_WORDS; k++) { next_words[i * GRID_WORDS + k] = env_observe_word(state, k); }
//#end
  transitions[i * RECORD_STRIDE + AT_REWARD] = result.reward;
  transitions[i * RECORD_STRIDE + AT_FLAGS] = f32(result.terminated);
  env_states[i] = state;
  draws[i] = rng.draw;
}
