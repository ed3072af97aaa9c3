/**
 * Proximal Policy Optimization on the GPU. Read this first: it is the map of the project.
 *
 * An iteration is a list of dispatches of kernels. It is made once, as data (src/plan/dispatches.ts), bound to a device, and
 * encoded again and again. The host reads nothing inside: the order of minibatches, learning rate, early stops and
 * statistics are computed and consumed on the GPU, and one row of metrics per agent comes back late.
 *
 * Each line below names what it becomes on the GPU. Kernel `gae` is shaders/gae.wgsl, its twin on the CPU
 * src/reference/gae.ts, its test test/kernels/gae.test.ts. Where two names stand, the first is of the layered plan, the
 * other one of the fused plan (ARCHITECTURE.md, "Plans").
 *
 *     createPpo (src/run/create.ts) -> openPpo (src/run/open.ts) -> Trainer (src/run/trainer.ts) -> this list, iteration by iteration
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

    // numbers that are not finite, explained variance, ended episodes, moments of the advantages of every minibatch
    // health, explained_variance, episode_stats, advantage_stats
    ...measure(run),

    ...update(run),

    // the statistics that observations and rewards are normalised by take in the rollout
    // update_normaliser
    ...normalise(run),

    // schedules, early stop, solved, adaptive coefficients, one row of metrics
    // control
    ...control(run, slot),
  ]
}

/** The optimiser steps of an iteration: each epoch takes all minibatches, in an order of its own. */
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
