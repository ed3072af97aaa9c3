// Words of a stack of packed frames, frame-major in each pixel, the oldest frame first: entry ((y width + x) STACK_FRAMES
// + frame) GRID_CHANNELS + channel. Entry k is in word k / GRID_PER_WORD; unused bits are 0.
// Needs from the importer: observations: array<u32>, read_write, where a stack of more than one frame has older ones.
//#import "env"
//#import "shape"

const GRID_MASK = (1u << GRID_BITS) - 1u;
const NO_WORD = 0xffffffffu;

// Where a stack begins in `observations`, [agent][num_steps + 1][env][STACK_WORDS].
fn stack_at(agent: u32, step: u32, env: u32, num_steps: u32, num_envs: u32) -> u32 {
  return ((agent * (num_steps + 1u) + step) * num_envs + env) * STACK_WORDS;
}

// In `final_observations`, [agent][num_steps][env][STACK_WORDS].
fn final_stack_at(agent: u32, step: u32, env: u32, num_steps: u32, num_envs: u32) -> u32 {
  return ((agent * num_steps + step) * num_envs + env) * STACK_WORDS;
}

// Word `word` of the stack whose newest frame shows `state`. Older frames are those of the stack at `older`, moved by
// `moved` frames; with `is_first` all frames are the newest.
fn stack_word(state: EnvState, word: u32, older: u32, moved: u32, is_first: bool) -> u32 {
//#if ONE_FRAME
  if (word >= GRID_WORDS) { return 0u; }
  return env_observe_word(state, word);
//#end
//#if STACKED
  var entries = 0u;
  var made = NO_WORD; // the word of the newest frame that is in `frame_word`: neighbours often share one
  var frame_word = 0u;
  for (var i = 0u; i < GRID_PER_WORD; i++) {
    let k = word * GRID_PER_WORD + i;
    if (k >= OBS_DIM * STACK_FRAMES) { break; }
    var entry: u32;
    if (is_first || k / GRID_CHANNELS % STACK_FRAMES == STACK_FRAMES - 1u) {
      let own = k / (GRID_CHANNELS * STACK_FRAMES) * GRID_CHANNELS + k % GRID_CHANNELS;
      if (own / GRID_PER_WORD != made) {
        made = own / GRID_PER_WORD;
        frame_word = env_observe_word(state, made);
      }
      entry = frame_word >> (own % GRID_PER_WORD * GRID_BITS);
    } else {
      let past = k + moved * GRID_CHANNELS;
      entry = observations[older + past / GRID_PER_WORD] >> (past % GRID_PER_WORD * GRID_BITS);
    }
    entries |= (entry & GRID_MASK) << (i * GRID_BITS);
  }
  return entries;
//#end
}
