// One optimiser step: clip the gradient by its global norm, then Adam (Kingma and Ba 2015, as in PyTorch):
//   m_hat / (sqrt(v_hat) + eps).
// threads: one per 4 parameters (x), agents along y
// reads:   hyper, progress (learning_rate, adam_step), stop, gradients, update_stats (grad_norm)
// writes:  parameters, moments [agent][2][parameter_stride]
// twin:    src/reference/adam.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/stats.wgsl"

struct Args {
  parameter_stride: u32,
  log_std: u32,           // offset of the log standard deviations; parameter_stride where there are none
  num_updates: u32,
  stop_stride: u32,
  update: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> update_stats: array<UpdateStats>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;
@group(1) @binding(0) var<uniform> args: Args;

const LOG_STD_MIN = -20.0;
const LOG_STD_MAX = 2.0;

// 1 - beta^t from ln(beta), exact where beta^t is near 1.
fn bias_correction(log_beta: f32, t: f32) -> f32 {
  let x = log_beta * t;
  if (x < -0.25) { return 1.0 - exp(x); }
  return -x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 + x * (1.0 / 720.0))))));
}

@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) id: vec3u) {
  let agent = id.y;
  let width = args.parameter_stride / 4u;
  if (stop[agent * args.stop_stride + GATE_UPDATE + args.update + 1u] != 0u || id.x >= width) { return; }
  let h = hyper[agent];
  let norm = update_stats[agent * args.num_updates + args.update].grad_norm;
  let scale = select(1.0, h.max_grad_norm / (norm + 1e-6), norm > h.max_grad_norm);
  let gradient = gradients[agent * width + id.x] * scale;
  let at = agent * 2u * width + id.x;
  let m = h.adam_beta1 * moments[at] + (1.0 - h.adam_beta1) * gradient;
  let v = h.adam_beta2 * moments[at + width] + (1.0 - h.adam_beta2) * gradient * gradient;
  let t = f32(progress[agent].adam_step + args.update + 1u);
  let m_hat = m / bias_correction(h.log_adam_beta1, t);
  let v_hat = v / bias_correction(h.log_adam_beta2, t);
  var parameter = parameters[agent * width + id.x] - progress[agent].learning_rate * m_hat / (sqrt(v_hat) + h.adam_eps);
  if (id.x * 4u >= args.log_std) { parameter = clamp(parameter, vec4f(LOG_STD_MIN), vec4f(LOG_STD_MAX)); }
  moments[at] = m;
  moments[at + width] = v;
  parameters[agent * width + id.x] = parameter;
}
