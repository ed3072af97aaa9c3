// The checked form of an environment: which index of its text was first outside of what it goes into. WGSL itself gives
// some element there, or leaves a write out, without a word. src/envcheck/indices.ts puts `indexcheck_at` around indices.
// threads: one per first state (seeds along y), or one per step
// reads:   env_states and transitions (the action of record i) of steps; hyper (parameters of the environment, if any)
// writes:  outside [i]: number of the index in the text, from 1, and its value; 0 where none was outside
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "env"
//#import "reset"
//#import "params"
//#import "params_hyper"
//#import "action"
//#import "look"

struct Args {
  count: u32,             // first states of a seed, or steps
  num_envs: u32,
  seed: u32,              // of the first row, or of the first step
  is_step: u32,
}

@group(0) @binding(0) var<storage, read> transitions: array<f32>;
@group(0) @binding(1) var<storage, read> env_states: array<EnvState>;
@group(0) @binding(2) var<storage, read_write> outside: array<vec2u>;
@group(1) @binding(0) var<uniform> args: Args;

var<private> indexcheck_first: vec2u;

fn indexcheck_at(i: u32, count: u32, number: u32) -> u32 {
  if (i < count) { return i; }
  if (indexcheck_first.x == 0u) { indexcheck_first = vec2u(number, i); }
  return count - 1u;
}

@compute @workgroup_size(64)
fn check_indices(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= args.count) { return; }
  let i = id.y * args.count + id.x;
  let env = id.x % args.num_envs;
  let seed = args.seed + id.y + id.x / args.num_envs;
  use_params(0u, seed, 0u, env);
  var state: EnvState;
  if (args.is_step == 0u) {
    var rng = make_rng(seed, 0u, STREAM_ENV_RESET, env);
    state = first_state(&rng);
  } else {
    state = env_states[i];
    var rng = make_rng(seed, 0u, STREAM_ENV_STEP, env);
    _ = env_step(&state, read_action(i * RECORD_STRIDE + AT_ACTION), &rng);
  }
  look_at(state);
  outside[i] = indexcheck_first;
}
