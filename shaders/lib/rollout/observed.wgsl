// What a thread holds of an observation, one frame: its floats, and behind them the privileged ones; nothing of a packed
// one, of which observe_words makes the words. And where a frame lies in a stack of frames, frame-major in each pixel.
//#import "env"
//#import "shape"
//#if FLOATS
//#if SAME_SIGHT
alias SeenObs = array<f32, OBS_DIM>;
const SEEN_FLOATS = OBS_DIM;

fn see_state(state: EnvState, obs: ptr<function, SeenObs>) { *obs = env_observe(state); }
//#end
//#if PRIVILEGED
alias SeenObs = array<f32, OBS_FLOATS>;
const SEEN_FLOATS = OBS_FLOATS;

fn see_state(state: EnvState, obs: ptr<function, SeenObs>) {
  var seen = env_observe(state);
  for (var i = 0u; i < OBS_DIM; i++) { (*obs)[i] = seen[i]; }
  var privileged = env_privileged(state);
  for (var i = 0u; i < PRIVILEGED_DIM; i++) { (*obs)[OBS_DIM + i] = privileged[i]; }
}
//#end
//#end
//#if PACKED
alias SeenObs = array<f32, 1>;
const SEEN_FLOATS = 0u;

fn see_state(state: EnvState, obs: ptr<function, SeenObs>) {}
//#end

// The place of entry `i` of frame `frame`, of STACK_FRAMES; the last one is the newest.
//#if ONE_FRAME
fn stacked_entry(i: u32, frame: u32) -> u32 { return i; }
//#end
//#if STACKED
fn stacked_entry(i: u32, frame: u32) -> u32 {
  return (i / GRID_CHANNELS * STACK_FRAMES + frame) * GRID_CHANNELS + i % GRID_CHANNELS;
}
//#end
