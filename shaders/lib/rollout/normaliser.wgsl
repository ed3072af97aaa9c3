// The slot `normaliser` where observations or rewards are normalised by running statistics. The agent's statistics are
// read here and written by update_normaliser; each environment accumulates the moments of its rollout (Welford 1962).
// normaliser: f32 [agent][statistics, then [env][moments]]; offsets from src/model/normaliser.ts through the slot
// `norm`.
// Needs from the importer: args.num_envs.
// Twin: src/reference/normaliser.ts
//#import "shaders/lib/rollout/observed.wgsl"
//#import "env"
//#import "norm"
//#import "shaders/lib/data/agent.wgsl"

@group(0) @binding(8) var<storage, read_write> normaliser: array<f32>;

const NORM_CLIP = 10.0;
const NORM_EPS = 1e-8;

fn norm_agent(agent: u32) -> u32 {
  return agent * (NORM_AGENT_FLOATS + args.num_envs * NORM_ENV_FLOATS);
}

// A non-finite value stays non-finite: it must be found, not hidden by the clip.
fn norm_clip(x: f32) -> f32 {
  return select(x, clamp(x, -NORM_CLIP, NORM_CLIP), is_finite(x));
}

// Makes an observation what the policy sees.
fn normalise_obs(obs: ptr<function, SeenObs>, agent: u32) {
  if (!NORM_OBS) { return; }
  let at = norm_agent(agent);
  for (var i = 0u; i < SEEN_FLOATS; i++) {
    let deviation = sqrt(normaliser[at + NORM_OBS_VAR + i] + NORM_EPS);
    (*obs)[i] = norm_clip(((*obs)[i] - normaliser[at + NORM_OBS_MEAN + i]) / deviation);
  }
}

fn add_to_moments(mean_at: u32, m2_at: u32, x: f32, n: f32) {
  let deviation = x - normaliser[mean_at];
  let mean = normaliser[mean_at] + deviation / n;
  normaliser[mean_at] = mean;
  normaliser[m2_at] += deviation * (x - mean);
}

// Adds one step to the moments: the observation of the state before the action, and the discounted return after the
// reward. Returns the reward that the agent learns from.
fn count_step(before: EnvState, reward: f32, done: bool, agent: u32, env: u32) -> f32 {
  let agent_at = norm_agent(agent);
  let at = agent_at + NORM_AGENT_FLOATS + env * NORM_ENV_FLOATS;
  let n = normaliser[at + NORM_ENV_STEPS] + 1.0;
  normaliser[at + NORM_ENV_STEPS] = n;
  if (NORM_OBS) {
    var obs: SeenObs;
    see_state(before, &obs);
    for (var i = 0u; i < SEEN_FLOATS; i++) {
      add_to_moments(at + NORM_ENV_OBS_MEAN + i, at + NORM_ENV_OBS_M2 + i, obs[i], n);
    }
  }
  if (!NORM_REWARD) { return reward; }
  let discounted = normaliser[agent_at + NORM_GAMMA] * normaliser[at + NORM_ENV_RETURN] + reward;
  add_to_moments(at + NORM_ENV_RETURN_MEAN, at + NORM_ENV_RETURN_M2, discounted, n);
  normaliser[at + NORM_ENV_RETURN] = select(discounted, 0.0, done);
  return norm_clip(reward / sqrt(normaliser[agent_at + NORM_RETURN_VAR] + NORM_EPS));
}
