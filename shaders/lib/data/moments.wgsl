// Count, mean and squared deviations of a group of numbers, and those of two groups merged (Chan et al. 1979). The mean
// of many equal numbers is exact, where a plain sum drifts; the deviations do not cancel as a sum of squares does.
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
