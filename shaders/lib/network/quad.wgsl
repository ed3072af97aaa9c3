// A quad: four lanes of a subgroup that work together without a barrier.
enable subgroups;

const LANES = 4u;
// Quads of a workgroup, which is one subgroup: 1 where that has 4 lanes, 2 where it has 8.
override TOGETHER: u32 = 1u;

// The value of lane l ^ j.
fn swap_0(value: f32) -> f32 { return value; }
fn swap_1(value: f32) -> f32 { return quadSwapX(value); }
fn swap_2(value: f32) -> f32 { return quadSwapY(value); }
fn swap_3(value: f32) -> f32 { return quadSwapDiagonal(value); }
fn swap4_0(value: vec4f) -> vec4f { return value; }
fn swap4_1(value: vec4f) -> vec4f { return quadSwapX(value); }
fn swap4_2(value: vec4f) -> vec4f { return quadSwapY(value); }
fn swap4_3(value: vec4f) -> vec4f { return quadSwapDiagonal(value); }

// The sum of a vec4 over the quad, in every lane.
fn quad_sum(x: vec4f) -> vec4f {
  let pair = x + quadSwapX(x);
  return pair + quadSwapY(pair);
}

// Component i of lane r becomes component r of lane i.
fn quad_transpose(lane: u32, value: vec4f) -> vec4f {
  let odd = (lane & 1u) != 0u;
  let upper = (lane & 2u) != 0u;
  let pairs = select(value, quadSwapX(value.yxwz), vec4<bool>(odd, !odd, odd, !odd));
  return select(pairs, quadSwapY(pairs.zwxy), vec4<bool>(upper, upper, !upper, !upper));
}
