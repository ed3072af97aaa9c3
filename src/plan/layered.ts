/**
 * The layered plan: one kernel per step of the algorithm, one matmul per layer. It supports any depth and width, is
 * easy to read, and the other plan is checked against it.
 */
import { stepLimit } from '../env/contract'
import { wordsOfRow } from '../env/grid'
import { wgslConstant } from '../gpu/shaders'
import { dOwnOffset, headsLayout } from './buffers'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import { beginRollout, common, copyFrames, groups, observeWords, seenAt, turns } from './observing'
import { backward, forward, type Networks, type Pass } from './passes'
import { step } from './step'
import { recordLayout } from './transition'

const gate = (name: string): number => wgslConstant('shaders/lib/data/agent.wgsl', name)
const GATE_ROLLOUT = gate('GATE_ROLLOUT')
const GATE_UPDATE = gate('GATE_UPDATE')

/** numSteps times: observation -> policy -> action -> environment step; at the end, V of the last observation. */
export function rollout(run: Planned): PlannedDispatch[] {
  const steps = Array.from({ length: run.sizes.numSteps }, (_, step) => rolloutStep(run, step))
  return [...beginRollout(run), ...steps.flat(), ...endRollout(run)]
}

/** Observation -> policy -> action -> environment step, of all environments. */
export function rolloutStep(run: Planned, step: number): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps, parameterStride } = run.sizes
  const perEnv: [number, number, number] = [groups(numEnvs), numAgents, 1]
  const args = { ...common(run), numSteps }
  const heads = headsLayout(run.sizes, run.layout, numEnvs)
  return [
    ...policy(run, step, 'both'),
    dispatch('sample', { ...args, parameterStride, own: Math.max(run.layout.own, 0), ...heads, step }, perEnv),
    dispatch('step_envs', { ...args, maxEpisodeSteps: stepLimit(run.spec!), step }, perEnv),
    ...observeWords(run, 'step', step),
  ]
}

/** The values after the last step; and the frames that the next rollout starts from. */
export function endRollout(run: Planned): PlannedDispatch[] {
  const kept = run.config.frameStack > 1 ? [copyFrames(run, 'to frames', run.sizes.numSteps)] : []
  return [...policy(run, run.sizes.numSteps, 'critic'), ...kept]
}

function policy(run: Planned, step: number, networks: Networks): PlannedDispatch[] {
  const { inputs, input, agentStride, rowStride } = seenAt(run, step)
  return forward(run, {
    rows: run.sizes.numEnvs,
    gate: GATE_ROLLOUT,
    networks,
    ...{ inputs, input, inputAgentStride: agentStride, inputRowStride: rowStride },
    outputs: 'heads',
  })
}

/** Values of the final observations, advantages and returns. */
export function gae(run: Planned): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps, numMinibatches, minibatchSize, batchSize } = run.sizes
  const words = wordsOfRow(run.layout.shape.observation)
  const rowStride = words || recordLayout(run.layout.shape).obsStride
  const args = { ...common(run), numSteps }
  const perEnv: [number, number, number] = [groups(numEnvs), numAgents, 1]
  const list: PlannedDispatch[] = []
  // In chunks of a minibatch, the size of the hidden buffers. Most rows were never truncated and are not read; that is
  // cheaper than searching for the others.
  for (let chunk = 0; run.config.bootstrapTruncated && chunk < numMinibatches; chunk++) {
    list.push(
      ...forward(run, {
        rows: minibatchSize,
        gate: GATE_ROLLOUT,
        networks: 'critic',
        inputs: words > 0 ? 'final_observations' : 'final_obs',
        input: chunk * minibatchSize * rowStride,
        inputAgentStride: batchSize * rowStride,
        inputRowStride: rowStride,
        outputs: 'final_values',
        own: { output: chunk * minibatchSize * 4, agentStride: batchSize * 4, rowStride: 4 },
      }),
    )
  }
  const { values, valueStride } = headsLayout(run.sizes, run.layout, numEnvs)
  return [...list, dispatch('gae', { ...args, values, valueStride }, perEnv)]
}

/** One optimiser step on one minibatch. */
export function updateMinibatch(run: Planned, epoch: number, minibatch: number): PlannedDispatch[] {
  const { sizes, layout } = run
  const { numAgents, batchSize, minibatchSize, numUpdates, rowsPerPartial, numPartials, parameterStride } = sizes
  const update = epoch * sizes.numMinibatches + minibatch
  const slot = GATE_UPDATE + update
  const record = recordLayout(layout.shape)
  const words = wordsOfRow(layout.shape.observation)
  const heads = headsLayout(sizes, layout, minibatchSize)
  const own = { own: Math.max(layout.own, 0), dOwn: dOwnOffset(sizes, layout, minibatchSize) }
  const args = { minibatchSize, stopStride: sizes.stopStride, parameterStride, gate: slot, ...own }
  const perRow: [number, number, number] = [groups(minibatchSize), numAgents, 1]
  const pass: Pass = {
    rows: minibatchSize,
    gate: slot,
    networks: 'both',
    inputs: words > 0 ? 'minibatch_observations' : 'minibatch',
    input: words > 0 ? 0 : record.obs,
    inputAgentStride: minibatchSize * (words || record.stride),
    inputRowStride: words || record.stride,
    outputs: 'heads',
  }
  const rows = { ...common(run), batchSize, minibatchSize, epoch, minibatch, update }
  const quarter = words / 4
  return [
    dispatch('gather', { ...rows, numUpdates }, perRow),
    ...(words > 0
      ? [dispatch('gather_words', { ...rows, quarter }, [turns(minibatchSize * quarter), numAgents, 1])]
      : []),
    ...forward(run, pass),
    dispatch('ppo_loss', { ...args, ...heads }, perRow),
    dispatch('sum_losses', { ...args, rowsPerPartial, numPartials }, [numPartials, numAgents, 1]),
    ...backward(run, pass),
    ...step(run, update, numPartials),
  ]
}
