// The records of one agent: its hyperparameters (Hyper) and its state of training (Progress).

// Hyperparameters: src/config/config.ts defines each. A limit that is `null` becomes the largest finite number.
struct Hyper {
  num_iterations: u32,
  stop_when_solved: u32,
  anneal_lr: u32,
  adaptive_lr: u32,
  anneal_clip_coef: u32,
  anneal_vf_clip_coef: u32, // vf_clip_coef equals clip_coef and has its schedule
  anneal_ent_coef: u32,
  bootstrap_truncated: u32,
  penalty: u32,           // algorithm: 0 clip, 1 penalty
  clip_vloss: u32,
  norm_adv: u32,
  norm_adv_over: u32,     // 0 minibatch, 1 batch
  learning_rate: f32,
  desired_kl: f32,
  gamma: f32,
  gae_lambda: f32,
  clip_coef: f32,
  dual_clip: f32,
  vf_clip_coef: f32,
  ent_coef: f32,
  vf_coef: f32,
  kl_coef: f32,           // 0 in clip mode
  target_kl: f32,
  max_grad_norm: f32,
  adam_beta1: f32,
  adam_beta2: f32,
  adam_eps: f32,
  weight_decay: f32,
  log_adam_beta1: f32,    // ln of the two, for exact bias corrections
  log_adam_beta2: f32,
  reward_threshold: f32,
  /// Lowest and highest value of each parameter of the environment, equal unless drawn at random: src/plan/params.ts.
  env_params: array<vec2f, 16>,
}

const RUNNING = 0u;
const FINISHED = 1u;
const SOLVED = 2u;
const NOT_FINITE = 3u;

// Written only by control, once per iteration.
struct Progress {
  seed: u32,
  iteration: u32,         // iterations completed
  status: u32,            // RUNNING, or why the agent stopped
  adam_step: u32,         // optimiser steps applied in completed iterations
  solved_at: u32,         // first iteration, from 1, that passed the threshold; 0: none yet
  window_next: u32,       // next entry of the return window
  learning_rate: f32,     // of the current iteration; adaptive: of its first minibatch
  kl_coef: f32,           // of the current iteration
  remaining: f32,         // fraction of the run that is left when the current iteration begins: 1 in the first
}

// The hyperparameters after their schedules, for the current iteration.
fn scheduled(h: Hyper, p: Progress) -> Hyper {
  var now = h;
  if (h.anneal_clip_coef != 0u) { now.clip_coef *= p.remaining; }
  if (h.anneal_vf_clip_coef != 0u) { now.vf_clip_coef *= p.remaining; }
  if (h.anneal_ent_coef != 0u) { now.ent_coef *= p.remaining; }
  return now;
}

// Gates: where stop[agent][slot] is not 0, the work guarded by that slot is skipped. Slot 0 guards the rollout and is
// written by control; slot 1 guards the update and is closed by health and by control; slot 2 + i is written by the
// reduce of update i and guards its optimiser step and everything later. The last slot is the agent's fault:
// shaders/lib/data/fault.wgsl.
const GATE_ROLLOUT = 0u;
const GATE_UPDATE = 1u;
const STOP_HALTED = 1u;
const STOP_NOT_FINITE = 2u;
const STOP_KL = 3u;

// Tested by bits: the compiler may assume that comparisons see no NaN.
const INFINITE_BITS = 0x7f800000u;

// x is not finite if this is INFINITE_BITS or more.
fn magnitude_bits(x: f32) -> u32 {
  return bitcast<u32>(x) & 0x7fffffffu;
}

fn is_finite(x: f32) -> bool {
  return magnitude_bits(x) < INFINITE_BITS;
}

fn are_finite(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) < vec4u(INFINITE_BITS);
}
