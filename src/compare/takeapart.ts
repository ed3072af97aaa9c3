/** Runs one iteration of one agent stage by stage and reads the results of each stage, for `compare`. */

import type { PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import type { Gpu } from '../gpu/device'
import { readBuffer } from '../gpu/readback'
import { readStruct, reflectStruct } from '../gpu/reflect'
import { headsLayout } from '../plan/buffers'
import type { PlannedDispatch } from '../plan/dispatches'
import { control, gae, measure, normalise, reset, rollout, updateMinibatch } from '../plan/iteration'
import * as layered from '../plan/layered'
import { recordLayout } from '../plan/transition'
import { iteration } from '../ppo'
import { beginRun } from '../run/open'
import { bindAll, destroyRun, type Run } from '../run/run'
import type { LayeredDump, SampleResult, StageDump } from './dump'
import { observationsOf } from './observations'
import { submit, updateResult } from './submit'

type Name = keyof Run['buffers']

const read = async (run: Run, name: Name): Promise<Float32Array> =>
  new Float32Array(await readBuffer(run.gpu.device, run.buffers[name]))

const readNormaliser = async (run: Run): Promise<Float32Array> =>
  run.buffers.normaliser ? read(run, 'normaliser') : new Float32Array(0)

/** A rollout split after each environment step; the last part computes what needs all steps. */
function rolloutParts(run: Run): PlannedDispatch[][] {
  if (run.plan === 'fused') return fusedParts(run)
  const parts: PlannedDispatch[][] = [[]]
  for (const dispatch of layered.rollout(run)) {
    parts.at(-1)!.push(dispatch)
    if (dispatch.stem === 'step_envs') parts.push([])
  }
  return parts
}

/**
 * Split as finely as possible, the fused rollout has one dispatch per range of environments and step; that of the last step
 * also computes values and advantages.
 */
function fusedParts(run: Run): PlannedDispatch[][] {
  const all = rollout({ ...run, flopsPerDispatch: 1 })
  const steps = Array.from({ length: run.sizes.numSteps }, (_, step) =>
    all.filter(({ args }) => args.firstStep === step),
  )
  const isStep = ({ args }: PlannedDispatch): boolean => args.firstStep !== undefined
  const before = all.slice(0, all.findIndex(isStep))
  return [[...before, ...steps[0]], ...steps.slice(1), all.slice(all.findLastIndex(isStep) + 1)]
}

/** One iteration of agent 0 of `config`, after `warmup` iterations, stage by stage. */
export async function takeApart(gpu: Gpu, spec: EnvSpec, config: PpoConfig, warmup: number): Promise<StageDump> {
  const run = await beginRun(gpu, { spec, config: { ...config, numAgents: 1 } })
  try {
    const { updateEpochs, numMinibatches } = run.sizes
    const start = bindAll(run, reset(run))
    const whole = bindAll(run, iteration(run, 0))
    const parts = rolloutParts(run).map((part) => bindAll(run, part))
    const advantages = bindAll(run, [...gae(run), ...measure(run)])
    const updates = Array.from({ length: updateEpochs * numMinibatches }, (_, u) =>
      bindAll(run, updateMinibatch(run, Math.floor(u / numMinibatches), u % numMinibatches)),
    )
    const end = bindAll(run, [...normalise(run), ...control(run, 0)])
    run.arena.upload()
    submit(run, start)
    for (let i = 0; i < warmup; i++) submit(run, whole)

    const before = await beforeIteration(run)
    const envStates = [await read(run, 'env_states')]
    for (const part of parts.slice(0, -1)) {
      submit(run, part)
      envStates.push(await read(run, 'env_states'))
    }
    submit(run, parts.at(-1)!)
    const nextValues = await valuesAfter(run)
    submit(run, advantages)
    const transitions = await read(run, 'transitions')
    const [obs, finalObs] = [await observationsOf(run, 'rollout'), await observationsOf(run, 'ends')]
    submit(run, updates[0])
    const first = await updateResult(run)
    const kept = first.samples && (await layeredDump(run, first.samples))
    for (const update of updates.slice(1)) submit(run, update)
    submit(run, end)
    const last = await updateResult(run)
    gpu.check()
    return {
      ...before,
      envStates: Uint32Array.from(envStates.flatMap((state) => [...new Uint32Array(state.buffer)])),
      transitions,
      obs,
      finalObs,
      nextValues,
      layered: kept,
      gradient: first.gradient,
      paramsAfterStep: first.params,
      paramsAfter: last.params,
      normaliserAfter: await readNormaliser(run),
      curve: last.curve,
    }
  } finally {
    destroyRun(run)
  }
}

/** Values of the observations after the last step, [numEnvs]: the layered plan's heads, the fused plan's last records. */
async function valuesAfter(run: Run): Promise<Float32Array> {
  const { numEnvs, batchSize } = run.sizes
  const at = (data: Float32Array, first: number, stride: number) =>
    Float32Array.from({ length: numEnvs }, (_, env) => data[first + env * stride])
  if (run.plan === 'layered') {
    const { values, valueStride } = headsLayout(run.sizes, run.layout, numEnvs)
    return at(await read(run, 'heads'), values, valueStride)
  }
  const { stride, value } = recordLayout(run.layout.shape)
  return at(await read(run, 'transitions'), batchSize * stride + value, stride)
}

async function layeredDump(run: Run, samples: SampleResult): Promise<LayeredDump> {
  const minibatch = await read(run, 'minibatch')
  const { newLogprob, ratio, entropyPerSample, newValue } = samples
  const values = run.grid ? null : (await read(run, 'final_values')).filter((_, i) => i % 4 === 0)
  const isPacked = run.buffers.minibatch_observations !== undefined
  const minibatchObs = isPacked ? await observationsOf(run, 'minibatch') : new Float32Array(0)
  return { finalValues: values, minibatch, minibatchObs, newLogprob, ratio, entropy: entropyPerSample, newValue }
}

/** The state before the iteration. */
async function beforeIteration(run: Run) {
  const { code } = run.kernels.reset_envs
  const progress = reflectStruct(code, 'Progress')
  const episode = reflectStruct(code, 'Episode')
  const [progressBytes, episodeBytes] = await Promise.all(
    (['progress', 'episodes'] as const).map((name) => readBuffer(run.gpu.device, run.buffers[name])),
  )
  const p = readStruct(progress, new DataView(progressBytes)) as Record<string, number>
  const lengths = Array.from({ length: run.sizes.numEnvs }, (_, i) => {
    const one = readStruct(episode, new DataView(episodeBytes), i * episode.size) as Record<string, number>
    return { counted: one.episodicLength, skipped: one.stepsSkipped }
  })
  return {
    iteration: p.iteration,
    adamStep: p.adamStep,
    learningRate: p.learningRate,
    remaining: p.remaining,
    klCoef: p.klCoef,
    episodicLengths: Float32Array.from(lengths, ({ counted, skipped }) => counted + skipped),
    resetSteps: Uint32Array.from(lengths, ({ counted }) => p.iteration * run.sizes.numSteps - counted),
    paramsBefore: await read(run, 'parameters'),
    moments: await read(run, 'moments'),
    normaliserBefore: await readNormaliser(run),
  }
}
