/** Changing options of running agents: a new hyperparameter record, and nothing is rebuilt. */
import { reflectStruct, writeStruct } from '../gpu/reflect'
import { isNormalising, normaliserLayout, normaliserStride } from '../model/normaliser'
import { LIVE, type PpoConfig } from '../options/options'
import { agentConfig } from '../options/sweep'
import { hyperValues } from './hyper'
import type { Run } from './run'

/** `before` with what of `config` may change: options, their sweep, and the parameters of the environment. */
export const withLive = (before: PpoConfig, config: PpoConfig): PpoConfig => ({
  ...before,
  ...Object.fromEntries(LIVE.map((name) => [name, config[name]])),
  sweep: config.sweep,
  envParams: config.envParams,
})

/** Gives `run`, whose environments are only watched, the parameters of the environment of `config`. */
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
 * Gives `run` the options of `config`, which differ in such only as every kernel reads from the agent's record; the queue
 * puts it between two submits.
 */
export function applyLive(run: Run, config: PpoConfig): void {
  const before = run.config
  run.config = config
  writeHyper(run)
  const { code } = run.kernels.control
  const { queue } = run.gpu.device

  // `control` keeps these two itself: the schedule's own next value overwrites them where there is a schedule.
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
    const { obsDim } = run.layout.shape
    for (let agent = 0; agent < run.sizes.numAgents; agent++) {
      const at = agent * normaliserStride(obsDim, run.sizes.numEnvs) + normaliserLayout(obsDim).gamma
      queue.writeBuffer(run.buffers.normaliser, 4 * at, Float32Array.of(agentConfig(now, agent).gamma))
    }
  }
  if (!now.annealLr && (before.annealLr || before.learningRate !== now.learningRate || now.sweep !== before.sweep))
    setProgress('learning_rate', (own) => own.learningRate)
  if (before.klCoef !== now.klCoef || before.algorithm !== now.algorithm)
    setProgress('kl_coef', (own) => (own.algorithm === 'penalty' ? own.klCoef : 0))
}
