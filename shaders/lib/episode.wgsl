// Returns and lengths of episodes, from raw rewards: the running episode, and those of this environment that ended in
// the iteration, merged by Chan's formula (mean and squared deviations stay exact where a sum of squares cancels).
struct Episode {
  episodic_return: f32,
  episodic_length: f32,
  count: f32,
  return_sum: f32,
  return_m2: f32,
  return_min: f32,
  return_max: f32,
  length_sum: f32,
  length_m2: f32,
  length_min: f32,
  length_max: f32,
  steps_skipped: f32,     // by which the time limit comes early: 0 but in staggered first episodes, which do not count
}

const F32_MAX = 0x1.fffffep+127f;

fn new_episode() -> Episode {
  return Episode(0.0, 0.0, 0.0, 0.0, 0.0, F32_MAX, -F32_MAX, 0.0, 0.0, F32_MAX, -F32_MAX, 0.0);
}

// Squared deviations of two groups together (Chan et al. 1979).
fn merge_m2(m2_a: f32, sum_a: f32, count_a: f32, m2_b: f32, sum_b: f32, count_b: f32) -> f32 {
  if (count_a == 0.0) { return m2_b; }
  if (count_b == 0.0) { return m2_a; }
  let delta = sum_b / count_b - sum_a / count_a;
  return m2_a + m2_b + delta * delta * (count_a * count_b / (count_a + count_b));
}

// `a` with the ended episodes of `b` added; the running episode stays `a`'s.
fn merge_episodes(a: Episode, b: Episode) -> Episode {
  var m = a;
  m.return_m2 = merge_m2(a.return_m2, a.return_sum, a.count, b.return_m2, b.return_sum, b.count);
  m.length_m2 = merge_m2(a.length_m2, a.length_sum, a.count, b.length_m2, b.length_sum, b.count);
  m.count = a.count + b.count;
  m.return_sum = a.return_sum + b.return_sum;
  m.return_min = min(a.return_min, b.return_min);
  m.return_max = max(a.return_max, b.return_max);
  m.length_sum = a.length_sum + b.length_sum;
  m.length_min = min(a.length_min, b.length_min);
  m.length_max = max(a.length_max, b.length_max);
  return m;
}

// The running episode has ended: count it, unless it was staggered, and start the next one.
fn end_episode(episode: Episode) -> Episode {
  let r = episode.episodic_return;
  let l = episode.episodic_length;
  var m = episode;
  if (episode.steps_skipped == 0.0) { m = merge_episodes(episode, Episode(0.0, 0.0, 1.0, r, 0.0, r, r, l, 0.0, l, l, 0.0)); }
  m.steps_skipped = 0.0;
  m.episodic_return = 0.0;
  m.episodic_length = 0.0;
  return m;
}
