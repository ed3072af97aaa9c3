/**
 * Proximal Policy Optimization on the GPU. Read this first: it shows one iteration and names the files of each step.
 *
 * An iteration is a list of kernel dispatches. It is created once, as data (src/plan/dispatches.ts), bound to a device,
 * and encoded again for every iteration. The host reads nothing in between: the order of minibatches, learning rate,
 * early stops and statistics are computed and used on the GPU, and one row of metrics per agent is read back later.
 *
 * The comment above each line names its kernels. Kernel `gae` is shaders/gae.wgsl, its CPU twin src/reference/gae.ts,
 * its test test/kernels/gae.test.ts. Names before `|` are of the layered plan, those after it of the fused plan
 * (ARCHITECTURE.md, "Plans").
 *
 *     createPpo (src/run/create.ts) -> openPpo (src/run/open.ts) -> Trainer (src/run/trainer.ts) -> this list, once per iteration
 */
import type { Planned, PlannedDispatch } from './plan/dispatches'
import { control, gae, measure, normalise, rollout, updateMinibatch } from './plan/iteration'

/** One iteration of every agent (Schulman et al. 2017, algorithm 1). Its metrics go to `slot` of the metrics buffer. */
export function iteration(run: Planned, slot: number): PlannedDispatch[] {
  return [
    // numSteps x numEnvs: observe -> policy -> sample an action -> environment step, reset at an end -> store
    // observe_envs, dense_forward, sample, step_envs | fused_rollout or quad_rollout
    ...rollout(run),

    // A_t = delta_t + gamma gaeLambda A_t+1, backwards over the steps; returns = advantages + values
    // dense_forward, gae | the tail of the fused rollout
    ...gae(run),

    // non-finite values, explained variance, ended episodes, moments of the advantages of every minibatch
    // health, explained_variance, episode_stats, advantage_stats
    ...measure(run),

    ...update(run),

    // merge the rollout into the statistics that normalise observations and rewards
    // update_normaliser
    ...normalise(run),

    // schedules, early stop, solved, adaptive coefficients, one row of metrics
    // control
    ...control(run, slot),
  ]
}

/** The optimiser steps of an iteration: each epoch has all minibatches, in a new random order. */
export function update(run: Planned): PlannedDispatch[] {
  const { updateEpochs, numMinibatches } = run.sizes
  const steps: PlannedDispatch[][] = []
  for (let epoch = 0; epoch < updateEpochs; epoch++) {
    for (let minibatch = 0; minibatch < numMinibatches; minibatch++) {
      // shuffled rows -> forward -> ratio, clip, min, losses -> backward -> sum of partials -> norm, clip -> Adam
      // gather, dense_forward, ppo_loss, sum_losses, dense_backward_weight, dense_backward_input | fused_gradient or
      //   quad_gradient; then in both plans reduce, adam
      steps.push(updateMinibatch(run, epoch, minibatch))
    }
  }
  return steps.flat()
}
