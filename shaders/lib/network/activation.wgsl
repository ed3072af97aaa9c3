// Activations of the hidden layers and their derivatives.
//#import "shaders/lib/tanh.wgsl"

const IDENTITY = 0u;
const TANH = 1u;
const RELU = 2u;
const SILU = 3u;
const ELU = 4u;

fn activate(x: vec4f, activation: u32) -> vec4f {
  switch activation {
    case TANH: { return tanh4(x); }
    case RELU: { return relu4(x); }
    case SILU: { return silu4(x); }
    case ELU: { return elu4(x); }
    default: { return x; }
  }
}

// The derivative of the activation. `known` is its output for tanh, relu and elu: tanh' = 1 - y^2, relu' = y > 0, elu'
// = min(y, 0) + 1. For silu it is its input, which the forward pass also stores: silu' = s + x s (1 - s), s = sigmoid(x).
fn d_activate(known: vec4f, activation: u32) -> vec4f {
  switch activation {
    case TANH: { return d_tanh4(known); }
    case RELU: { return d_relu4(known); }
    case SILU: { return d_silu4(known); }
    case ELU: { return d_elu4(known); }
    default: { return vec4f(1.0); }
  }
}

// Distance from a layer's `size` outputs to the values that d_activate needs: silu stores its inputs after the outputs.
fn kept(activation: u32, size: u32) -> u32 { return select(0u, size, activation == SILU); }

fn d_tanh4(y: vec4f) -> vec4f { return 1.0 - y * y; }

fn relu4(x: vec4f) -> vec4f { return max(x, vec4f()); }

fn d_relu4(y: vec4f) -> vec4f { return select(vec4f(), vec4f(1.0), y > vec4f()); }

// silu(-80) is -1.4e-33. Beyond that exp overflows, and infinity is not portable.
const SILU_CLAMP = 80.0f;

fn sigmoid(x: vec4f) -> vec4f {
  return 1.0 / (1.0 + exp(-clamp(x, vec4f(-SILU_CLAMP), vec4f(SILU_CLAMP))));
}

fn silu4(x: vec4f) -> vec4f { return max(x, vec4f(-SILU_CLAMP)) * sigmoid(x); }

fn d_silu4(x: vec4f) -> vec4f {
  let s = sigmoid(x);
  return s + clamp(x, vec4f(-SILU_CLAMP), vec4f(SILU_CLAMP)) * s * (1.0 - s);
}

// e^x - 1 below 0 (Clevert et al. 2016, alpha 1).
fn elu4(x: vec4f) -> vec4f { return select(exp(min(x, vec4f())) - 1.0, x, x > vec4f()); }

fn d_elu4(y: vec4f) -> vec4f { return min(y, vec4f()) + 1.0; }
