// Returns and lengths of episodes, from raw rewards: the running episode, and those of this environment that ended in
// the iteration.
//#import "shaders/lib/moments.wgsl"

struct Episode {
  return_blocks: vec4f,   // of the running episode: see add_step
  episodic_length: f32,
  count: f32,             // of the ended ones, as all below
  return_mean: f32,
  return_m2: f32,         // sum of squared deviations from the mean
  return_min: f32,
  return_max: f32,
  length_mean: f32,
  length_m2: f32,
  length_min: f32,
  length_max: f32,
  steps_skipped: f32,     // by which the time limit comes early: 0 but in staggered first episodes, which do not count
}

const F32_MAX = 0x1.fffffep+127f;

fn new_episode() -> Episode {
  return Episode(vec4f(), 0.0, 0.0, 0.0, 0.0, F32_MAX, -F32_MAX, 0.0, 0.0, F32_MAX, -F32_MAX, 0.0);
}

// Steps in a block: of single rewards (x), and of the blocks before (y, z). Each part has at most 64 summands for 2^18
// steps, so a return is right to 64 x 4 x 2^-25 = 8e-6 however long the episode; one running sum of 100,000 steps is not.
const BLOCK_STEPS = vec3u(64u, 4096u, 262144u);

// The running episode, one step longer.
fn add_step(episode: Episode, reward: f32) -> Episode {
  var e = episode;
  e.episodic_length += 1.0;
  e.return_blocks.x += reward;
  let is_full = vec3u(u32(e.episodic_length)) % BLOCK_STEPS == vec3u(0u);
  if (is_full.x) { e.return_blocks = vec4f(0.0, e.return_blocks.y + e.return_blocks.x, e.return_blocks.zw); }
  if (is_full.y) { e.return_blocks = vec4f(0.0, 0.0, e.return_blocks.z + e.return_blocks.y, e.return_blocks.w); }
  if (is_full.z) { e.return_blocks = vec4f(0.0, 0.0, 0.0, e.return_blocks.w + e.return_blocks.z); }
  return e;
}

fn episodic_return(episode: Episode) -> f32 {
  let blocks = episode.return_blocks;
  return ((blocks.w + blocks.z) + blocks.y) + blocks.x;
}

// `a` with the ended episodes of `b` added; the running episode stays `a`'s.
fn merge_episodes(a: Episode, b: Episode) -> Episode {
  var m = a;
  let returns = merge_moments(Moments(a.count, a.return_mean, a.return_m2), Moments(b.count, b.return_mean, b.return_m2));
  let lengths = merge_moments(Moments(a.count, a.length_mean, a.length_m2), Moments(b.count, b.length_mean, b.length_m2));
  m.count = returns.count;
  m.return_mean = returns.mean;
  m.return_m2 = returns.m2;
  m.return_min = min(a.return_min, b.return_min);
  m.return_max = max(a.return_max, b.return_max);
  m.length_mean = lengths.mean;
  m.length_m2 = lengths.m2;
  m.length_min = min(a.length_min, b.length_min);
  m.length_max = max(a.length_max, b.length_max);
  return m;
}

// The running episode has ended: count it, unless it was staggered, and start the next one.
fn end_episode(episode: Episode) -> Episode {
  let r = episodic_return(episode);
  let l = episode.episodic_length;
  var m = episode;
  if (episode.steps_skipped == 0.0) {
    m = merge_episodes(episode, Episode(vec4f(), 0.0, 1.0, r, 0.0, r, r, l, 0.0, l, l, 0.0));
  }
  m.steps_skipped = 0.0;
  m.return_blocks = vec4f();
  m.episodic_length = 0.0;
  return m;
}
