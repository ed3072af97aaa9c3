// Returns and lengths of episodes, from raw rewards: of the running episode, and of those of this environment that
// ended in the iteration.
//#import "shaders/lib/data/moments.wgsl"

struct Episode {
  return_blocks: array<f32, 4>, // of the running episode: see add_step
  episodic_length: f32,
  count: f32,             // of the ended ones, like all fields below
  return_mean: f32,
  return_m2: f32,         // sum of squared deviations from the mean
  return_min: f32,
  return_max: f32,
  length_mean: f32,
  length_m2: f32,
  length_min: f32,
  length_max: f32,
  steps_skipped: f32,     // steps that the time limit comes early: only in staggered first episodes, which do not count
}

const F32_MAX = 0x1.fffffep+127f;

fn new_episode() -> Episode {
  return Episode(array<f32, 4>(), 0.0, 0.0, 0.0, 0.0, F32_MAX, -F32_MAX, 0.0, 0.0, F32_MAX, -F32_MAX, 0.0);
}

// Adds one step to the running episode. Its return is a sum of sums: of at most 64 rewards, of 64 such blocks, of 64
// blocks of those, and of the rest. No part has more than 64 summands in 2^24 steps, so a return is right to 4 x 64 x
// 2^-25 = 8e-6 for an episode of any length. One running sum of 100,000 equal rewards is not.
fn add_step(episode: Episode, reward: f32) -> Episode {
  var e = episode;
  e.episodic_length += 1.0;
  e.return_blocks[0] += reward;
  let length = u32(e.episodic_length);
  if (length % 64u == 0u) {
    e.return_blocks[1] += e.return_blocks[0];
    e.return_blocks[0] = 0.0;
  }
  if (length % 4096u == 0u) {
    e.return_blocks[2] += e.return_blocks[1];
    e.return_blocks[1] = 0.0;
  }
  if (length % 262144u == 0u) {
    e.return_blocks[3] += e.return_blocks[2];
    e.return_blocks[2] = 0.0;
  }
  return e;
}

fn episodic_return(episode: Episode) -> f32 {
  return ((episode.return_blocks[3] + episode.return_blocks[2]) + episode.return_blocks[1]) + episode.return_blocks[0];
}

// `a` with the ended episodes of `b` added; the running episode is that of `a`.
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

// Ends the running episode: counts it, unless it was staggered, and starts the next one.
fn end_episode(episode: Episode) -> Episode {
  let r = episodic_return(episode);
  let l = episode.episodic_length;
  var m = episode;
  if (episode.steps_skipped == 0.0) {
    m = merge_episodes(episode, Episode(array<f32, 4>(), 0.0, 1.0, r, 0.0, r, r, l, 0.0, l, l, 0.0));
  }
  m.steps_skipped = 0.0;
  m.return_blocks = array<f32, 4>();
  m.episodic_length = 0.0;
  return m;
}
