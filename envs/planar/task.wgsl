//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "planar/integrate"
//#import "planar/version"
// What the tasks share: the action, and the noise of first states.

const ACTION_DIM = NU;

/// Control of each motor.
alias Action = Controls;

/// Uniform in [-size, size).
fn uniform_noise(rng: ptr<function, Rng>, size: f32) -> Joints {
  var noise = Joints();
  //#repeat $j < NV
  noise[$j] = size * (2.0 * rng_uniform(rng) - 1.0);
  //#end
  return noise;
}

/// Normal, with this standard deviation; two numbers from each draw.
fn normal_noise(rng: ptr<function, Rng>, deviation: f32) -> Joints {
  var noise = Joints();
  for (var j = 0u; j < NV; j += 2u) {
    let pair = deviation * rng_normal_pair(rng);
    noise[j] = pair.x;
    if (j + 1u < NV) { noise[j + 1u] = pair.y; }
  }
  return noise;
}

/// The sum of squared controls.
fn effort(action: Action) -> f32 {
  var sum = 0.0;
  //#repeat $m < NU
  sum += action[$m] * action[$m];
  //#end
  return sum;
}

const DT = f32(FRAME_SKIP) * TIMESTEP;
