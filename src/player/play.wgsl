// One step of one environment, and its picture, for a page that plays: the host gives the state and the action of each step
// and reads what follows.
// threads: 1
// reads:   env_states [0], transitions (the action), play_step, hyper (parameters of the environment, where it has any)
// writes:  played
// twin:    src/player/episode.ts
//#import "src/scene/envs.wgsl"
//#import "shaders/lib/rng.wgsl"
//#import "shape"
//#import "params"
//#import "action"

struct PlayStep {
  seed: u32,
  step: u32,
  env: u32,
}

struct Played {
  state: EnvState,
  reward: f32,
  terminated: u32,
}

@group(0) @binding(2) var<uniform> play_step: PlayStep;
@group(0) @binding(3) var<storage, read> transitions: array<f32>;
@group(0) @binding(4) var<storage, read_write> played: Played;

@compute @workgroup_size(1)
fn play() {
  use_params(0u, 0u, 0u, 0u);
  var state = env_states[0];
  var rng = make_rng(play_step.seed, play_step.step, STREAM_ENV_STEP, play_step.env);
  let result = env_step(&state, read_action(0u), &rng);
  played.state = state;
  played.reward = result.reward;
  played.terminated = result.terminated;
}
