// What a thread holds of an observation, one frame: its floats; nothing of a packed one, of which observe_words makes the
// words. And where a frame lies in a stack of frames, frame-major in each pixel.
//#import "env"
//#import "shape"
//#if FLOATS
alias Observed = array<f32, OBS_DIM>;
const OBSERVED = OBS_DIM;

fn observe(state: EnvState, obs: ptr<function, Observed>) { *obs = env_observe(state); }
//#end
//#if PACKED
alias Observed = array<f32, 1>;
const OBSERVED = 0u;

fn observe(state: EnvState, obs: ptr<function, Observed>) {}
//#end

// The place of entry `i` of frame `frame`, of FRAMES; the last one is the newest.
//#if ONE_FRAME
fn stacked_entry(i: u32, frame: u32) -> u32 { return i; }
//#end
//#if STACKED
fn stacked_entry(i: u32, frame: u32) -> u32 {
  return (i / CHANNELS * FRAMES + frame) * CHANNELS + i % CHANNELS;
}
//#end
