/**
 * An evaluation while a run trains: episodes with the deterministic actions of its policies, in environments of their own.
 * It is a rollout of the layered plan, whatever the plan of the run, with buffers of its own. Of the run it reads the
 * parameters, the statistics that normalise observations, the hyperparameters and the progress; it writes only `best`,
 * `best_parameters` and `best_statistics`.
 */
import type { PpoConfig } from '../config/config'
import { type EnvSpec, stepLimit } from '../env/contract'
import { EVALUATION_KEY, evaluationSteps } from '../env/evaluation'
import { wgslConstant } from '../gpu/shaders'
import { criticDim } from '../model/networkshape'
import { isNormalising, normaliserLayout, normaliserStride } from '../model/normaliser'
import type { BufferName } from './buffers'
import { headsLayout } from './buffers'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import { reset } from './iteration'
import { beginRollout, common, copyFrames, groups, observeWords, seenAt } from './observing'
import { forward } from './passes'

const GATE_ROLLOUT = wgslConstant('shaders/lib/data/agent.wgsl', 'GATE_ROLLOUT')

/** Steps between two looks at whether all episodes have ended. */
const STEPS = 16

/** The options of the rollout: raw rewards, whole episodes. */
export const evaluationConfig = (config: PpoConfig): PpoConfig => ({
  ...config,
  ...{ plan: 'layered', numEnvs: config.evalEpisodes, numSteps: STEPS, numMinibatches: STEPS, updateEpochs: 1 },
  ...{ normReward: false, signReward: false, episodicLife: false, staggerEpisodes: false, evalEvery: 0 },
})

/** Its own buffers; the others of a layered plan are for what it does not do. */
const OWN =
  /^(progress|stop|transitions|final_obs|env_states|episodes|normaliser|observations|final_observations|final_states|frames|heads|hidden_\d+)$/
export const isOwnBuffer = (name: BufferName): boolean => OWN.test(name)

/** Dispatches of an evaluation: `steps` is repeated. */
export interface EvaluationDispatches {
  begin: PlannedDispatch[]
  steps: PlannedDispatch[]
  times: number
  end: PlannedDispatch[]
}

/** @param own The plan of the rollout, of `evaluationConfig`. @param config The options of the run. */
export function evaluation(own: Planned, config: PpoConfig): EvaluationDispatches {
  const { numAgents, numEnvs, stopStride, numSteps, parameterStride } = own.sizes
  const seenDim = criticDim(own.layout.shape)
  const perAgent: [number, number, number] = [numAgents, 1, 1]
  const strides = {
    statistics: isNormalising(config) ? normaliserLayout(seenDim).agentFloats : 0,
    normaliserStride: normaliserStride(seenDim, numEnvs),
  }
  const training = { trainingNormaliserStride: normaliserStride(seenDim, config.numEnvs) }
  const key = { every: config.evalEvery, key: EVALUATION_KEY }
  return {
    begin: [
      dispatch('begin_evaluation', { numEnvs, stopStride, ...key, ...strides, ...training }, perAgent),
      ...reset(own),
    ],
    steps: [
      ...beginRollout(own),
      ...Array.from({ length: numSteps }, (_, step) => evaluationStep(own, step)).flat(),
      ...(own.config.frameStack > 1 ? [copyFrames(own, 'to frames', numSteps)] : []),
      dispatch('score_episodes', { numEnvs, numSteps, stopStride }, perAgent),
    ],
    times: Math.ceil(evaluationSteps(own.spec!) / numSteps),
    end: [dispatch('keep_best', { numEnvs, parameterStride, ...strides }, perAgent)],
  }
}

/** Observation -> policy -> its deterministic action -> environment step, of all environments. */
function evaluationStep(own: Planned, step: number): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps } = own.sizes
  const perEnv: [number, number, number] = [groups(numEnvs), numAgents, 1]
  const args = { ...common(own), numSteps, step }
  const { inputs, input, agentStride, rowStride } = seenAt(own, step)
  const { outputStride } = headsLayout(own.sizes, own.layout, numEnvs)
  return [
    ...forward(own, {
      ...{ rows: numEnvs, gate: GATE_ROLLOUT, networks: 'actor', outputs: 'heads' },
      ...{ inputs, input, inputAgentStride: agentStride, inputRowStride: rowStride },
    }),
    dispatch('act_mode', { ...args, outputStride }, perEnv),
    dispatch('step_envs', { ...args, maxEpisodeSteps: stepLimit(own.spec as EnvSpec) }, perEnv),
    ...observeWords(own, 'step', step),
  ]
}
