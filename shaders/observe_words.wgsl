// The packed observation after a step, or at the start of a rollout: words of the stack of frames that the policy sees.
// Older frames come from the stack before; a reset fills all frames with the first of the episode. Where an episode
// ended, also its last observation, of the state before the reset.
// threads: 64 per workgroup, workgroups take turns; one word of one environment at a time (x), agents along y
// reads:   hyper (where the environment has parameters; no observation reads them), stop, transitions [step] (flags), env_states, final_states, observations [step]
// writes:  observations [step + 1], or [0]; final_observations [step]
// twin:    src/reference/observe_words.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/rollout/frames.wgsl"
//#import "params"
//#import "params_hyper"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  step: u32,
  mode: u32,
}

const MODE_FIRST = 0u;   // slot 0, all frames are the first one
const MODE_AGAIN = 1u;   // slot 0, only the newest frame is written
const MODE_STEP = 2u;    // slot step + 1 from slot step

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> transitions: array<f32>;
@group(0) @binding(2) var<storage, read> env_states: array<EnvState>;
@group(0) @binding(3) var<storage, read> final_states: array<EnvState>;
@group(0) @binding(4) var<storage, read_write> observations: array<u32>;
@group(0) @binding(5) var<storage, read_write> final_observations: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn observe_words(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let agent = group.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u) { return; }
  for (var i = group.x * WORKGROUP + thread; i < args.num_envs * STACK_WORDS; i += groups.x * WORKGROUP) {
    let env = i / STACK_WORDS;
    let word = i % STACK_WORDS;
    let at = agent * args.num_envs + env;
    let before = stack_at(agent, args.step, env, args.num_steps, args.num_envs);
    if (args.mode != MODE_STEP) {
      observations[before + word] = stack_word(env_states[at], word, before, 0u, args.mode == MODE_FIRST);
      continue;
    }
    let flags = u32(transitions[record_at(agent, args.step, env, args.num_steps, args.num_envs) + AT_FLAGS]);
    if (is_over(flags)) {
      let last = final_stack_at(agent, args.step, env, args.num_steps, args.num_envs);
      final_observations[last + word] = stack_word(final_states[at], word, before, 1u, false);
    }
    let after = stack_at(agent, args.step + 1u, env, args.num_steps, args.num_envs);
    observations[after + word] = stack_word(env_states[at], word, before, 1u, is_reset(flags));
  }
}
