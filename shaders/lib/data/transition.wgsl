// One transition: a padded record of floats, so that the shuffled gather reads whole records. Its layout and the place
// of records are defined only here; TypeScript reads both from this file (src/plan/transition.ts). Slot t holds the
// observation and the action of step t, and the results of that action. There is one slot more than steps, for the
// observation, the mask and the value after the last step.
//#import "shape"
//#import "shaders/lib/policy/mask.wgsl"

const OBS_STRIDE = (OBS_FLOATS + 3u) / 4u * 4u;
const OUT_STRIDE = (ACTION_DIM + 3u) / 4u * 4u;
const OWN_STRIDE = (OWN_DIM + 3u) / 4u * 4u;

const AT_OBS = 0u;                                // OBS_FLOATS, as the networks saw them; none of packed ones
const AT_OLD_OUT = AT_OBS + OBS_STRIDE;           // ACTION_DIM logits or means of the behaviour policy
const AT_OLD_OWN = AT_OLD_OUT + OUT_STRIDE;       // OWN_DIM parameters of its distribution: log standard deviations
const AT_MASK = AT_OLD_OWN + OWN_STRIDE;          // MASK_WORDS, from the state before the action
const AT_ACTION = AT_MASK + MASK_WORDS;           // ACTION_COUNT: indices, or the unclipped vector
const AT_LOGPROB = AT_ACTION + ACTION_COUNT;
const AT_VALUE = AT_LOGPROB + 1u;
const AT_ADVANTAGE = AT_VALUE + 1u;
const AT_RETURN = AT_ADVANTAGE + 1u;
const AT_REWARD = AT_RETURN + 1u;                 // as the agent learns from it: raw, or scaled with norm_reward
const AT_FINAL_VALUE = AT_REWARD + 1u;            // V of the final observation, where truncated and not terminated
const AT_FLAGS = AT_FINAL_VALUE + 1u;             // FLAG_ bits, as a float
//#if SAME_SIGHT
const RECORD_STRIDE = (AT_FLAGS + 4u) / 4u * 4u;
//#end
//#if PRIVILEGED
const AT_ACTOR_OBS = (AT_FLAGS + 4u) / 4u * 4u;   // OBS_DIM: the first of `AT_OBS` again, without what only the critic sees
const RECORD_STRIDE = AT_ACTOR_OBS + (OBS_DIM + 3u) / 4u * 4u;
//#end

const FLAG_TERMINATED = 1u;       // the task ended with this step
const FLAG_TRUNCATED = 2u;        // the time limit was reached; both may be set, and terminated wins
const FLAG_STATE_NOT_FINITE = 4u; // the step led to a state that is not finite
const FLAG_STANDS_STILL = 8u;     // a result was not finite: the environment keeps its state before the step
const FLAG_LIFE_LOST = 16u;       // with FLAG_TERMINATED: the return ended with a life, and the game went on

fn flag(bit: u32, is_set: bool) -> u32 { return select(0u, bit, is_set); }

fn has_flag(flags: u32, bit: u32) -> bool { return (flags & bit) != 0u; }

// Whether the return that is learned ended with the step.
fn is_done(flags: u32) -> bool { return (flags & (FLAG_TERMINATED | FLAG_TRUNCATED)) != 0u; }

// Whether an episode ended with the step.
fn is_over(flags: u32) -> bool { return is_done(flags) && !has_flag(flags, FLAG_LIFE_LOST); }

// Whether the environment was reset in the step: not if it stands still.
fn is_reset(flags: u32) -> bool { return is_over(flags) && !has_flag(flags, FLAG_STANDS_STILL); }

// Truncated and not terminated: then the value of the final observation counts.
fn is_cut(flags: u32) -> bool { return (flags & (FLAG_TERMINATED | FLAG_TRUNCATED)) == FLAG_TRUNCATED; }

// Where a record begins in `transitions`, [agent][num_steps + 1][env]; `row` is step * num_envs + env.
fn record_at(agent: u32, step: u32, env: u32, num_steps: u32, num_envs: u32) -> u32 {
  return ((agent * (num_steps + 1u) + step) * num_envs + env) * RECORD_STRIDE;
}

fn record_of_batch(agent: u32, row: u32, batch_size: u32, num_envs: u32) -> u32 {
  return (agent * (batch_size + num_envs) + row) * RECORD_STRIDE;
}

// In `minibatch`, [agent][row].
fn record_of_minibatch(agent: u32, row: u32, minibatch_size: u32) -> u32 {
  return (agent * minibatch_size + row) * RECORD_STRIDE;
}

// In `final_obs`, [agent][step][env][OBS_STRIDE].
fn final_obs_at(agent: u32, step: u32, env: u32, num_steps: u32, num_envs: u32) -> u32 {
  return ((agent * num_steps + step) * num_envs + env) * OBS_STRIDE;
}
