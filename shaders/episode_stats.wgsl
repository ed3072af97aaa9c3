// Statistics of the episodes that ended in the iteration, over all environments of an agent, merged in a fixed order.
// threads: one workgroup per agent (x)
// reads:   stop
// writes:  episodes (their ended episodes are cleared), rollout_stats (episodes, return_*, length_*)
// twin:    src/reference/episode_stats.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/stats.wgsl"
//#import "shaders/lib/rollout/episode.wgsl"

struct Args {
  num_envs: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read_write> episodes: array<Episode>;
@group(0) @binding(2) var<storage, read_write> rollout_stats: array<RolloutStats>;
@group(1) @binding(0) var<uniform> args: Args;

override THREADS: u32 = 64; // a power of two
var<workgroup> merged: array<Episode, THREADS>;

@compute @workgroup_size(THREADS)
fn episode_stats(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u) { return; }
  var ended = new_episode();
  for (var env = thread; env < args.num_envs; env += THREADS) {
    let at = agent * args.num_envs + env;
    let episode = episodes[at];
    ended = merge_episodes(ended, episode);
    var cleared = new_episode();
    cleared.return_blocks = episode.return_blocks;
    cleared.episodic_length = episode.episodic_length;
    cleared.steps_skipped = episode.steps_skipped;
    episodes[at] = cleared;
  }
  merged[thread] = ended;
  for (var width = THREADS / 2u; width > 0u; width /= 2u) {
    workgroupBarrier(); // the upper half is complete
    if (thread < width) { merged[thread] = merge_episodes(merged[thread], merged[thread + width]); }
  }
  if (thread != 0u) { return; }
  let all = merged[0];
  rollout_stats[agent].episodes = all.count;
  rollout_stats[agent].return_mean = all.return_mean;
  rollout_stats[agent].return_m2 = all.return_m2;
  rollout_stats[agent].return_min = all.return_min;
  rollout_stats[agent].return_max = all.return_max;
  rollout_stats[agent].length_mean = all.length_mean;
  rollout_stats[agent].length_m2 = all.length_m2;
  rollout_stats[agent].length_min = all.length_min;
  rollout_stats[agent].length_max = all.length_max;
}
