// The actions of LunarLander-v3.
//#import "shaders/lib/env.wgsl"

const ACTION_DIM = 4u;

/// 0 nothing, 1 the left engine, 2 the main engine, 3 the right engine.
alias Action = u32;

/// Power of the main engine, 0 to 1, of the side engines, and the direction of those: -1 left, 1 right.
fn throttles(action: Action) -> vec3f {
  return vec3f(select(0.0, 1.0, action == 2u), select(0.0, 1.0, (action & 1u) == 1u), f32(action) - 2.0);
}
