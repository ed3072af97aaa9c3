// After some steps of an evaluation: adds their rewards to the one episode of each environment that counts, the first;
// closes the agent's gate when all have ended.
// threads: one workgroup per agent (x)
// reads:   transitions (reward, flags)
// writes:  evaluated, progress (iteration: times that num_steps steps were done), stop
// twin:    src/reference/score_episodes.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/evaluated.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/rollout/episode.wgsl"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> transitions: array<f32>;
@group(0) @binding(1) var<storage, read_write> evaluated: array<Evaluated>;
@group(0) @binding(2) var<storage, read_write> progress: array<Progress>;
@group(0) @binding(3) var<storage, read_write> stop: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;

const THREADS = 64u;
var<workgroup> running: array<u32, THREADS>;

fn score_step(e: Evaluated, record: u32) -> Evaluated {
  let flags = u32(transitions[record + AT_FLAGS]);
  var next = e;
  if (has_flag(flags, FLAG_STANDS_STILL)) {
    next.ended = BROKEN;
    return next;
  }
  var episode = new_episode();
  episode.return_blocks = e.return_blocks;
  episode.episodic_length = e.episodic_length;
  episode = add_step(episode, transitions[record + AT_REWARD]);
  next.return_blocks = episode.return_blocks;
  next.episodic_length = episode.episodic_length;
  if (is_over(flags)) { next.ended = ENDED; }
  return next;
}

@compute @workgroup_size(THREADS)
fn score_episodes(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  let is_open = stop[agent * args.stop_stride + GATE_ROLLOUT] == 0u;
  var runs = 0u;
  for (var env = thread; env < args.num_envs && is_open; env += THREADS) {
    let at = agent * args.num_envs + env;
    var e = evaluated[at];
    for (var step = 0u; step < args.num_steps && e.ended == RUNS_ON; step++) {
      e = score_step(e, record_at(agent, step, env, args.num_steps, args.num_envs));
    }
    evaluated[at] = e;
    runs += select(0u, 1u, e.ended == RUNS_ON);
  }
  running[thread] = runs;
  workgroupBarrier(); // every thread has counted its own, and has read the gate
  if (thread != 0u || !is_open) { return; }
  var all = 0u;
  for (var i = 0u; i < THREADS; i++) { all += running[i]; }
  progress[agent].iteration += 1u;
  if (all == 0u) { stop[agent * args.stop_stride + GATE_ROLLOUT] = STOP_HALTED; }
}
