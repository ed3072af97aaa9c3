// Words of a stack of packed frames, frame-major in each pixel: entry ((y width + x) FRAMES + frame) CHANNELS + channel,
// the oldest frame first. Entry k is in word k / PER_WORD; unused bits are 0.
// Needs from the importer: observations: array<u32>, read_write, where a stack of more than one frame has older ones.
//#import "env"
//#import "shape"

const ENTRY_MASK = (1u << ENTRY_BITS) - 1u;
const NONE = 0xffffffffu;

// Word `word` of the stack whose newest frame shows `state`. Older frames are those of the stack at `older`, moved by
// `moved` frames; with `is_first` all frames are the newest.
fn stack_word(state: EnvState, word: u32, older: u32, moved: u32, is_first: bool) -> u32 {
//#if ONE_FRAME
  if (word >= FRAME_WORDS) { return 0u; }
  return env_observe_word(state, word);
//#end
//#if STACKED
  var entries = 0u;
  var made = NONE; // the word of the newest frame that is in `frame_word`: neighbours often share one
  var frame_word = 0u;
  for (var i = 0u; i < PER_WORD; i++) {
    let k = word * PER_WORD + i;
    if (k >= OBS_DIM * FRAMES) { break; }
    var entry: u32;
    if (is_first || k / CHANNELS % FRAMES == FRAMES - 1u) {
      let own = k / (CHANNELS * FRAMES) * CHANNELS + k % CHANNELS;
      if (own / PER_WORD != made) {
        made = own / PER_WORD;
        frame_word = env_observe_word(state, made);
      }
      entry = frame_word >> (own % PER_WORD * ENTRY_BITS);
    } else {
      let past = k + moved * CHANNELS;
      entry = observations[older + past / PER_WORD] >> (past % PER_WORD * ENTRY_BITS);
    }
    entries |= (entry & ENTRY_MASK) << (i * ENTRY_BITS);
  }
  return entries;
//#end
}
