/** Observations in the layered plan: where they are, and the dispatches that make them and keep stacks of frames. */
import { wordsOfRow } from '../env/grid'
import type { BufferName } from './buffers'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import { recordLayout } from './transition'

/** Arguments that most kernels share. */
export const common = ({ sizes }: Planned) => ({ numEnvs: sizes.numEnvs, stopStride: sizes.stopStride })

/** Workgroups of 64 threads that cover `n` items. */
export const groups = (n: number): number => Math.ceil(n / 64)

/** The same for threads that take turns over the items. */
export const turns = (n: number): number => Math.min(groups(n), MOST_GROUPS)
const MOST_GROUPS = 65_535

/** Where the first layer reads observations: in 4-byte words. */
export interface Seen {
  inputs: BufferName
  /** Of the first row of agent 0. */
  input: number
  agentStride: number
  rowStride: number
}

/** The observations of a step: packed ones have a buffer of their own, others are in the records. */
export function seenAt({ sizes, layout }: Planned, step: number): Seen {
  const { numEnvs, numSteps } = sizes
  const record = recordLayout(layout.shape)
  const words = wordsOfRow(layout.shape.observation)
  const rowStride = words || record.stride
  return {
    inputs: words > 0 ? 'observations' : 'transitions',
    input: step * numEnvs * rowStride + (words > 0 ? 0 : record.obs),
    agentStride: (numSteps + 1) * numEnvs * rowStride,
    rowStride,
  }
}

/** The observations that the rollout starts from. */
export function beginRollout(run: Planned): PlannedDispatch[] {
  const isStacked = run.config.frameStack > 1
  const list = isStacked ? [copyFrames(run, 'from frames', 0)] : []
  return [...list, observeEnvs(run, false), ...observeWords(run, isStacked ? 'again' : 'first', 0)]
}

/** After a reset: stacks that have the first frame in every place. */
export const firstFrames = (run: Planned): PlannedDispatch[] => [
  observeEnvs(run, true),
  ...observeWords(run, 'first', 0),
  copyFrames(run, 'to frames', 0),
]

function observeEnvs(run: Planned, isFirst: boolean): PlannedDispatch {
  const { numAgents, numEnvs, numSteps } = run.sizes
  return dispatch('observe_envs', { ...common(run), numSteps, isFirst: Number(isFirst) }, [
    groups(numEnvs),
    numAgents,
    1,
  ])
}

/** The packed observations after `step`, or at the start of a rollout; nothing where observations are floats. */
export function observeWords(run: Planned, mode: 'first' | 'again' | 'step', step: number): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps } = run.sizes
  const words = wordsOfRow(run.layout.shape.observation)
  if (words === 0) return []
  const args = { ...common(run), numSteps, step, mode: { first: 0, again: 1, step: 2 }[mode] }
  return [dispatch('observe_words', args, [turns(numEnvs * words), numAgents, 1])]
}

/** Copies the stacks of slot `step` to `frames`, or back. */
export function copyFrames(run: Planned, way: 'to frames' | 'from frames', step: number): PlannedDispatch {
  const { numAgents, numEnvs } = run.sizes
  const words = wordsOfRow(run.layout.shape.observation) || recordLayout(run.layout.shape).obsStride
  const slot = seenAt(run, step)
  const kept: Seen = { inputs: 'frames', input: 0, agentStride: numEnvs * words, rowStride: words }
  const [source, target] = way === 'to frames' ? [slot, kept] : [kept, slot]
  const args = {
    ...{ ...common(run), words },
    ...{ sourceAt: source.input, sourceAgent: source.agentStride, sourceEnv: source.rowStride },
    ...{ targetAt: target.input, targetAgent: target.agentStride, targetEnv: target.rowStride },
  }
  const bind = { source: source.inputs, target_words: target.inputs }
  return dispatch('copy_frames', args, [turns(numEnvs * words), numAgents, 1], { bind })
}
