// What an evaluation knows of the one episode of each of its environments, and of the best policy so far.

struct Evaluated {
  return_blocks: array<f32, 4>, // of raw rewards: shaders/lib/rollout/episode.wgsl
  episodic_length: f32,
  ended: u32,             // RUNS_ON, or how it ended
}

const RUNS_ON = 0u;
const ENDED = 1u;         // by the task or its time limit
const BROKEN = 2u;        // at a number that is not finite

struct Best {
  evaluated_at: u32,      // iteration of the latest evaluation; 0: none
  iteration: u32,         // of the best policy; 0: none
  return_mean: f32,       // of the evaluation after that iteration
}
