// The end of an iteration: averages the results of the minibatches, updates the window of recent returns, decides
// whether the agent continues, sets the schedules of the next iteration, and writes the metrics row.
// threads: one per agent (x)
// reads:   hyper, update_stats, rollout_stats
// writes:  progress, return_window [agent][RETURN_WINDOW], stop [slots 0 and 1], metrics [slot][agent]
// twin:    src/reference/control.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/fault.wgsl"
//#import "shaders/lib/data/stats.wgsl"
//#import "shaders/lib/data/metrics.wgsl"

struct Args {
  num_agents: u32,
  num_updates: u32,
  num_minibatches: u32,
  stop_stride: u32,
  num_envs: u32,
  num_steps: u32,
  slot: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> update_stats: array<UpdateStats>;
@group(0) @binding(2) var<storage, read> rollout_stats: array<RolloutStats>;
@group(0) @binding(3) var<storage, read_write> progress: array<Progress>;
@group(0) @binding(4) var<storage, read_write> return_window: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> stop: array<u32>;
@group(0) @binding(6) var<storage, read_write> metrics: array<Metrics>;
@group(1) @binding(0) var<uniform> args: Args;

const RETURN_WINDOW = 100u; // episodes; an entry has at least one, so this many entries suffice

// Means over the evaluated minibatches; kl: over those of the last epoch.
fn average_updates(agent: u32) -> Metrics {
  var m: Metrics;
  m.rollout = rollout_stats[agent];
  var kl_count = 0.0;
  for (var u = 0u; u < args.num_updates; u++) {
    let s = update_stats[agent * args.num_updates + u];
    if (s.evaluated == 0u) { break; }
    m.minibatches += 1u;
    m.learning_rate = s.learning_rate;
    m.pg_loss += s.pg_loss;
    m.v_loss += s.v_loss;
    m.entropy += s.entropy;
    m.loss += s.loss;
    m.approx_kl += s.approx_kl;
    m.old_approx_kl += s.old_approx_kl;
    m.clipfrac += s.clipfrac;
    for (var i = 0u; i < 6u; i++) { m.situations[i] += s.situations[i]; }
    if (u >= args.num_updates - args.num_minibatches) {
      m.kl += s.kl;
      kl_count += 1.0;
    }
    let stopped = stop[agent * args.stop_stride + GATE_UPDATE + u + 1u];
    if (stopped == STOP_NOT_FINITE || (stopped == 0u && !is_finite(s.grad_norm))) {
      m.bad_buffer = KIND_GRADIENTS + 1u;
      m.bad_step = u;
      break;
    }
    if (stopped != 0u) { break; }
    m.updates += 1u;
    m.grad_norm += s.grad_norm;
  }
  let n = max(f32(m.minibatches), 1.0);
  m.pg_loss /= n;
  m.v_loss /= n;
  m.entropy /= n;
  m.loss /= n;
  m.approx_kl /= n;
  m.old_approx_kl /= n;
  m.clipfrac /= n;
  m.kl /= max(kl_count, 1.0);
  m.grad_norm /= max(f32(m.updates), 1.0);
  m.epochs_done = m.updates / args.num_minibatches;
  return m;
}

// Writes the agent's fault, if any, into the metrics. A rollout with a fault adds no episodes to the window.
fn report_fault(before: Metrics, fault: u32) -> Metrics {
  var m = before;
  if (fault == 0u) { return m; }
  let kind = fault_kind(fault);
  var place = fault_place(fault);
  m.bad_buffer = kind + 1u;
  m.bad_step = place;
  if (is_of_update(kind)) { return m; }
  if (kind == KIND_ADVANTAGES) { place = row_of_advantage(place, (args.num_steps + 1u) * args.num_envs); }
  m.bad_step = place / args.num_envs;
  m.bad_env = place % args.num_envs;
  m.rollout.explained = 0u;
  return m;
}

// Mean return over the fewest latest iterations that together have RETURN_WINDOW episodes: (episodes, mean).
fn recent_return(agent: u32, next: u32) -> vec2f {
  var sum = vec2f();
  for (var back = 1u; back <= min(next, RETURN_WINDOW); back++) {
    sum += return_window[agent * RETURN_WINDOW + (next - back) % RETURN_WINDOW];
    if (sum.x >= f32(RETURN_WINDOW)) { break; }
  }
  return vec2f(sum.x, sum.y / max(sum.x, 1.0));
}

@compute @workgroup_size(64)
fn control(@builtin(global_invocation_id) id: vec3u) {
  let agent = id.x;
  if (agent >= args.num_agents) { return; }
  let row = args.slot * args.num_agents + agent;
  var p = progress[agent];
  if (p.status != RUNNING) {
    metrics[row] = Metrics();
    metrics[row].status = p.status;
    return; // an empty row has iteration 0
  }
  let h = hyper[agent];
  var m = report_fault(average_updates(agent), stop[fault_slot(agent, args.stop_stride)]);
  let counts = m.bad_buffer == 0u || is_of_update(m.bad_buffer - 1u);
  p.iteration += 1u;
  p.adam_step += m.updates;
  if (m.rollout.episodes > 0.0 && counts) {
    return_window[agent * RETURN_WINDOW + p.window_next % RETURN_WINDOW] = m.rollout.episodes * vec2f(1.0, m.rollout.return_mean);
    p.window_next += 1u;
  }
  let recent = recent_return(agent, p.window_next);
  let full = recent.x >= f32(RETURN_WINDOW);
  if (full && recent.y >= h.reward_threshold && p.solved_at == 0u) { p.solved_at = p.iteration; }

  if (m.bad_buffer != 0u) { p.status = NOT_FINITE; }
  else if (p.solved_at != 0u && h.stop_when_solved != 0u) { p.status = SOLVED; }
  else if (p.iteration >= h.num_iterations) { p.status = FINISHED; }

  m.iteration = p.iteration;
  m.status = p.status;
  if (h.adaptive_lr != 0u && m.minibatches > 0u) { p.learning_rate = m.learning_rate; } // keeps its last value
  m.learning_rate = p.learning_rate;
  m.kl_coef = p.kl_coef;
  m.window_episodes = recent.x;
  m.window_return = recent.y;
  m.solved_at = p.solved_at;
  metrics[row] = m;

  p.remaining = 1.0 - f32(p.iteration) / f32(h.num_iterations);
  if (h.anneal_lr != 0u) { p.learning_rate = h.learning_rate * p.remaining; }
  if (h.penalty != 0u) { // Schulman et al. 2017, section 4
    if (m.kl < h.target_kl / 1.5) { p.kl_coef /= 2.0; }
    if (m.kl > h.target_kl * 1.5) { p.kl_coef *= 2.0; }
    p.kl_coef = clamp(p.kl_coef, 1e-6, 1e6);
  }
  if (p.status != RUNNING) {
    stop[agent * args.stop_stride + GATE_ROLLOUT] = STOP_HALTED;
    stop[agent * args.stop_stride + GATE_UPDATE] = STOP_HALTED;
  }
  progress[agent] = p;
}
