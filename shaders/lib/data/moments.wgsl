// Count, mean and squared deviations of some numbers, and of two groups of them together (Chan et al. 1979): the mean of
// many equal numbers is exact, where a plain sum drifts, and so are deviations where a sum of squares cancels.
struct Moments {
  count: f32,
  mean: f32,
  m2: f32,                // sum of squared deviations from the mean
}

fn merge_moments(a: Moments, b: Moments) -> Moments {
  if (a.count == 0.0) { return b; }
  if (b.count == 0.0) { return a; }
  let count = a.count + b.count;
  let delta = b.mean - a.mean;
  return Moments(count, a.mean + delta * (b.count / count), a.m2 + b.m2 + delta * delta * (a.count * (b.count / count)));
}
