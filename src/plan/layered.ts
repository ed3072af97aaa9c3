/**
 * The layered plan: one kernel per step of the algorithm, one matmul per layer. It supports any depth and width, is
 * easy to read, and the other plan is checked against it.
 */
import { stepLimit } from '../env/contract'
import { wgslConstant } from '../gpu/shaders'
import { dOwnOffset, headsLayout } from './buffers'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import { backward, forward, type Networks, type Pass } from './passes'
import { step } from './step'
import { recordLayout } from './transition'

const gate = (name: string): number => wgslConstant('shaders/lib/data/agent.wgsl', name)
const GATE_ROLLOUT = gate('GATE_ROLLOUT')
const GATE_UPDATE = gate('GATE_UPDATE')

/** Workgroups of 64 threads that cover `n` items. */
const groups = (n: number): number => Math.ceil(n / 64)

/** Arguments that most kernels share. */
const common = ({ sizes }: Planned) => ({ numEnvs: sizes.numEnvs, stopStride: sizes.stopStride })

/** numSteps times: observation -> policy -> action -> environment step; at the end, V of the last observation. */
export function rollout(run: Planned): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps, parameterStride } = run.sizes
  const perEnv: [number, number, number] = [groups(numEnvs), numAgents, 1]
  const args = { ...common(run), numSteps }
  const record = recordLayout(run.layout.shape)
  const heads = headsLayout(run.sizes, run.layout, numEnvs)
  const policy = (step: number, networks: Networks): PlannedDispatch[] =>
    forward(run, {
      rows: numEnvs,
      gate: GATE_ROLLOUT,
      networks,
      inputs: 'transitions',
      input: step * numEnvs * record.stride + record.obs,
      inputAgentStride: (numSteps + 1) * numEnvs * record.stride,
      inputRowStride: record.stride,
      outputs: 'heads',
    })

  const list = [dispatch('observe_envs', args, perEnv)]
  for (let step = 0; step < numSteps; step++) {
    list.push(
      ...policy(step, 'both'),
      dispatch('sample', { ...args, parameterStride, own: Math.max(run.layout.own, 0), ...heads, step }, perEnv),
      dispatch('step_envs', { ...args, maxEpisodeSteps: stepLimit(run.spec!), step }, perEnv),
    )
  }
  return [...list, ...policy(numSteps, 'critic')]
}

/** Values of the final observations, advantages and returns. */
export function gae(run: Planned): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps, numMinibatches, minibatchSize, batchSize } = run.sizes
  const record = recordLayout(run.layout.shape)
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
        inputs: 'final_obs',
        input: chunk * minibatchSize * record.obsStride,
        inputAgentStride: batchSize * record.obsStride,
        inputRowStride: record.obsStride,
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
  const heads = headsLayout(sizes, layout, minibatchSize)
  const own = { own: Math.max(layout.own, 0), dOwn: dOwnOffset(sizes, layout, minibatchSize) }
  const args = { minibatchSize, stopStride: sizes.stopStride, parameterStride, gate: slot, ...own }
  const perRow: [number, number, number] = [groups(minibatchSize), numAgents, 1]
  const pass: Pass = {
    rows: minibatchSize,
    gate: slot,
    networks: 'both',
    inputs: 'minibatch',
    input: record.obs,
    inputAgentStride: minibatchSize * record.stride,
    inputRowStride: record.stride,
    outputs: 'heads',
  }
  return [
    dispatch('gather', { ...common(run), batchSize, minibatchSize, numUpdates, epoch, minibatch, update }, perRow),
    ...forward(run, pass),
    dispatch('ppo_loss', { ...args, ...heads }, perRow),
    dispatch('sum_losses', { ...args, rowsPerPartial, numPartials }, [numPartials, numAgents, 1]),
    ...backward(run, pass),
    ...step(run, update, numPartials),
  ]
}
