// Activations of the hidden layers and their derivatives.
//#import "shaders/lib/tanh.wgsl"

const IDENTITY = 0u;
const TANH = 1u;
const RELU = 2u;

fn activate(x: vec4f, activation: u32) -> vec4f {
  switch activation {
    case TANH: { return tanh4(x); }
    case RELU: { return max(x, vec4f()); }
    default: { return x; }
  }
}

// The derivative, from the activation's own output: tanh' = 1 - y^2, relu' = y > 0.
fn d_activate(y: vec4f, activation: u32) -> vec4f {
  switch activation {
    case TANH: { return 1.0 - y * y; }
    case RELU: { return select(vec4f(), vec4f(1.0), y > vec4f()); }
    default: { return vec4f(1.0); }
  }
}
