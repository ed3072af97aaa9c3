// A quad: four lanes of a subgroup that work together without a barrier, and arithmetic on their vec4s.
enable subgroups;

const LANES = 4u;

// y + M^T x, with the columns of M given: four dot products, each summed in the order of x.
fn add_dots(x: vec4f, m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, y: vec4f) -> vec4f {
  return vec4f(add_dot(x, m0, y.x), add_dot(x, m1, y.y), add_dot(x, m2, y.z), add_dot(x, m3, y.w));
}

fn add_dot(x: vec4f, m: vec4f, y: f32) -> f32 {
  return fma(x.w, m.w, fma(x.z, m.z, fma(x.y, m.y, fma(x.x, m.x, y))));
}

// y + M x.
fn add_columns(x: vec4f, m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, y: vec4f) -> vec4f {
  return fma(vec4f(x.w), m3, fma(vec4f(x.z), m2, fma(vec4f(x.y), m1, fma(vec4f(x.x), m0, y))));
}

// The sum of a vec4 over the quad, in every lane.
fn quad_sum(x: vec4f) -> vec4f {
  let pair = x + quadSwapX(x);
  return pair + quadSwapY(pair);
}

// Four sums over the quad, one per lane: lane l gets that of s<l>.
fn quad_scatter_sum(lane: u32, s0: vec4f, s1: vec4f, s2: vec4f, s3: vec4f) -> vec4f {
  let odd = (lane & 1u) != 0u;
  let low = select(s0, s1, odd) + quadSwapX(select(s1, s0, odd));
  let high = select(s2, s3, odd) + quadSwapX(select(s3, s2, odd));
  let upper = (lane & 2u) != 0u;
  return select(low, high, upper) + quadSwapY(select(high, low, upper));
}
