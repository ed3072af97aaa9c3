// Per-sample losses, their sums over a minibatch, and the statistics computed from the sums.
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/stats.wgsl"
//#import "shaders/lib/update/objective.wgsl"
//#import "shaders/lib/update/partials.wgsl"

struct SampleLoss {
  pg_loss: f32,
  v_loss: f32,
  entropy: f32,
  approx_kl: f32,
  old_approx_kl: f32,
  clipfrac: f32,
  kl: f32,
  situation: u32,
  new_logprob: f32,
  ratio: f32,
}

fn sample_loss(p: PolicyLoss, v_loss: f32) -> SampleLoss {
  return SampleLoss(p.pg_loss, v_loss, p.entropy, p.approx_kl, p.old_approx_kl, p.clipfrac, p.kl, p.situation, p.new_logprob, p.ratio);
}

// LOSS_SUMS vec4s.
struct LossSums {
  losses: vec4f,          // pg_loss, v_loss, entropy, approx_kl
  more: vec4f,            // old_approx_kl, clipfrac, kl
  low: vec4f,             // situations 0 to 3
  high: vec4f,            // situations 4 and 5
}

fn add_loss(sums: LossSums, l: SampleLoss) -> LossSums {
  let low = select(vec4f(), vec4f(1.0), vec4u(l.situation) == vec4u(0u, 1u, 2u, 3u));
  let high = select(vec4f(), vec4f(1.0), vec4u(l.situation) == vec4u(4u, 5u, 7u, 7u));
  return LossSums(
    sums.losses + vec4f(l.pg_loss, l.v_loss, l.entropy, l.approx_kl),
    sums.more + vec4f(l.old_approx_kl, l.clipfrac, l.kl, 0.0),
    sums.low + low,
    sums.high + high,
  );
}

// Means over a minibatch of n samples, and the loss: pgLoss - entCoef entropy + vfCoef vLoss + klCoef KL.
fn minibatch_stats(sums: LossSums, n: f32, h: Hyper, kl_coef: f32) -> UpdateStats {
  let means = sums.losses / n;
  var stats: UpdateStats;
  stats.pg_loss = means.x;
  stats.v_loss = means.y;
  stats.entropy = means.z;
  stats.approx_kl = means.w;
  stats.old_approx_kl = sums.more.x / n;
  stats.clipfrac = sums.more.y / n;
  stats.kl = sums.more.z / n;
  stats.loss = means.x - h.ent_coef * means.z + h.vf_coef * means.y + kl_coef * stats.kl;
  stats.evaluated = 1u;
  let low = vec4u(sums.low);
  let high = vec4u(sums.high);
  stats.situations = array<u32, 6>(low.x, low.y, low.z, low.w, high.x, high.y);
  return stats;
}

const ADAPTIVE_LR_MIN = 1e-5;
const ADAPTIVE_LR_MAX = 1e-2;

// The learning rate of a step, from that of the step before and this minibatch's KL (rsl_rl). Its condition kl > 0 is
// replaced by "not the first minibatch of the iteration": there the KL is 0 except for rounding.
fn adapted_rate(rate: f32, kl: f32, update: u32, h: Hyper) -> f32 {
  if (h.adaptive_lr == 0u || update == 0u) { return rate; }
  if (kl > 2.0 * h.desired_kl) { return max(ADAPTIVE_LR_MIN, rate / 1.5); }
  if (kl < 0.5 * h.desired_kl) { return min(ADAPTIVE_LR_MAX, rate * 1.5); }
  return rate;
}

// The early stop of clip mode: approxKl, measured before the step, exceeds target_kl.
fn stops_early(stats: UpdateStats, h: Hyper) -> bool {
  return h.penalty == 0u && stats.approx_kl > h.target_kl;
}
