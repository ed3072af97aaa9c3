/** Changes options of running agents: writes a new hyperparameter record; nothing is rebuilt. */
import { reflectStruct, writeStruct } from '../gpu/reflect'
import { criticDim } from '../model/networkshape'
import { isNormalising, normaliserLayout, normaliserStride } from '../model/normaliser'
import { LIVE, type PpoConfig } from '../options/options'
import { agentConfig } from '../options/sweep'
import { hyperValues } from './hyper'
import type { Run } from './run'

/**
 * `before` with the options of `config` that may change: options, their sweep, and the parameters of the environment.
 */
export const withLive = (before: PpoConfig, config: PpoConfig): PpoConfig => ({
  ...before,
  ...Object.fromEntries(LIVE.map((name) => [name, config[name]])),
  sweep: config.sweep,
  envParams: config.envParams,
})

/** Sets the environment's parameters of `config` in `run`, whose environments are only watched. */
export function applyParams(run: Run, { envParams }: PpoConfig): void {
  run.config = { ...run.config, envParams }
  writeHyper(run)
}

function writeHyper(run: Run): void {
  const layout = reflectStruct(run.kernels.control.code, 'Hyper')
  const bytes = new ArrayBuffer(layout.size * run.sizes.numAgents)
  for (let agent = 0; agent < run.sizes.numAgents; agent++) {
    writeStruct(layout, hyperValues(run.config, run.spec, agent), new DataView(bytes), agent * layout.size)
  }
  run.gpu.device.queue.writeBuffer(run.buffers.hyper, 0, bytes)
}

/**
 * Sets the options of `config` in `run`; only those may differ that every kernel reads from the agent's record. The
 * queue writes them between two submits.
 */
export function applyLive(run: Run, config: PpoConfig): void {
  const before = run.config
  run.config = config
  writeHyper(run)
  const { code } = run.kernels.control
  const { queue } = run.gpu.device

  // `control` updates these two itself: if there is a schedule, its next value overwrites them.
  const progress = reflectStruct(code, 'Progress')
  const setProgress = (field: string, of: (config: PpoConfig) => number) => {
    const { offset } = progress.fields.find(({ name }) => name === field)!
    for (let agent = 0; agent < run.sizes.numAgents; agent++) {
      const value = Float32Array.of(of(agentConfig(run.config, agent)))
      queue.writeBuffer(run.buffers.progress, agent * progress.size + offset, value)
    }
  }
  const now = run.config
  if (isNormalising(now) && (before.gamma !== now.gamma || now.sweep !== before.sweep)) {
    const seenDim = criticDim(run.layout.shape)
    for (let agent = 0; agent < run.sizes.numAgents; agent++) {
      const at = agent * normaliserStride(seenDim, run.sizes.numEnvs) + normaliserLayout(seenDim).gamma
      queue.writeBuffer(run.buffers.normaliser, 4 * at, Float32Array.of(agentConfig(now, agent).gamma))
    }
  }
  if (!now.annealLr && (before.annealLr || before.learningRate !== now.learningRate || now.sweep !== before.sweep))
    setProgress('learning_rate', (own) => own.learningRate)
  if (before.klCoef !== now.klCoef || before.algorithm !== now.algorithm)
    setProgress('kl_coef', (own) => (own.algorithm === 'penalty' ? own.klCoef : 0))
}
