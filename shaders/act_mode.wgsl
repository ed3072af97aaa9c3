// The deterministic action of every environment: the most probable choice of each part, the first of equal ones, or the
// mean.
// threads: one per environment (x), agents along y
// reads:   stop, heads (logits or means), transitions [step] (mask)
// writes:  transitions [step] (action)
// twin:    src/reference/act_mode.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/policy/parts.wgsl"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  output_stride: u32,     // stride of an environment's outputs in heads
  step: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> heads: array<f32>;
@group(0) @binding(2) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

fn is_allowed(record: u32, i: u32) -> bool {
  if (!MASKED) { return true; }
  return allowed_by(u32(transitions[record + AT_MASK + i / MASK_BITS]), i);
}

// Among the outputs of a part that begin at `head`; 0 where nothing is allowed.
fn best_choice(head: u32, record: u32, part: u32) -> f32 {
  let first = part_first(part);
  var best = first;
  var found = false;
  for (var i = first; i < part_end(part); i++) {
    if (is_allowed(record, i) && (!found || heads[head + i] > heads[head + best])) {
      best = i;
      found = true;
    }
  }
  return f32(best - first);
}

@compute @workgroup_size(64)
fn act_mode(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let head = (agent * args.num_envs + env) * args.output_stride;
  let record = record_at(agent, args.step, env, args.num_steps, args.num_envs);
  for (var i = 0u; i < ACTION_COUNT; i++) {
    if (PARTS > 0u) {
      transitions[record + AT_ACTION + i] = best_choice(head, record, i);
    } else {
      transitions[record + AT_ACTION + i] = heads[head + i];
    }
  }
}
