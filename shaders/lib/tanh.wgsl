// Hyperbolic tangent. The built-in one returns NaN or infinity for |x| > 88 on some adapters and is slow on others.
// Method: the rational approximation of Eigen and XLA (generic_fast_tanh_float), odd degree 13 over even degree 6.
// Absolute error below 3.3e-7, relative below 4e-7, with multiply-adds fused or not (test/unit/tanh.test.ts).

// From here on the approximation rounds to 1.
const TANH_CLAMP = 7.90531110763549805f;
const TANH_P1 = 4.89352455891786e-3f;
const TANH_P3 = 6.37261928875436e-4f;
const TANH_P5 = 1.48572235717979e-5f;
const TANH_P7 = 5.12229709037114e-8f;
const TANH_P9 = -8.60467152213735e-11f;
const TANH_P11 = 2.00018790482477e-13f;
const TANH_P13 = -2.76076847742355e-16f;
const TANH_Q0 = 4.89352518554385e-3f;
const TANH_Q2 = 2.26843463243900e-3f;
const TANH_Q4 = 1.18534705686654e-4f;
const TANH_Q6 = 1.19825839466702e-6f;

/// tanh of each component, in [-1, 1]. A NaN may become a number: check inputs by their bits where it matters.
fn tanh4(x: vec4f) -> vec4f {
  // Of numbers without their sign, the smaller has the smaller bits; a clamp of floats takes three times as long on a CPU.
  let bits = bitcast<vec4u>(x);
  let v = bitcast<vec4f>(min(bits & vec4u(0x7fffffffu), vec4u(bitcast<u32>(TANH_CLAMP))));
  let z = v * v;
  // Estrin's order: smaller rounding errors than Horner's, and less waiting for the previous operation.
  let w = z * z;
  let p = (TANH_P1 + z * TANH_P3) + w * ((TANH_P5 + z * TANH_P7) + w * ((TANH_P9 + z * TANH_P11) + w * TANH_P13));
  let q = (TANH_Q0 + z * TANH_Q2) + w * (TANH_Q4 + z * TANH_Q6);
  // A quotient may be off by 2.5 ulp, so it can pass 1.
  let y = min(bitcast<vec4u>(v * p / q), vec4u(bitcast<u32>(1.0f)));
  return bitcast<vec4f>(y | (bits & vec4u(0x80000000u)));
}

fn tanh1(x: f32) -> f32 {
  return tanh4(vec4f(x)).x;
}
