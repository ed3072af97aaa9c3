// The actions of LunarLanderContinuous-v3.
//#import "shaders/lib/env.wgsl"

const ACTION_DIM = 2u;

/// Main engine: off up to 0, then from half to full power. Side engines: the left one below -0.5, the right one above 0.5.
alias Action = array<f32, ACTION_DIM>;

/// Power of the main engine, 0 to 1, of the side engines, and the direction of those: -1 left, 1 right.
fn throttles(action: Action) -> vec3f {
  let main = clamp(action[0], -1.0, 1.0);
  let side = clamp(action[1], -1.0, 1.0);
  return vec3f(select(0.0, 0.5 * main + 0.5, main > 0.0), select(0.0, abs(side), abs(side) > 0.5), sign(side));
}
