/** One iteration of one agent taken apart, for `compare`. */
import { findEnv } from '../../../envs/registry'
import { valuesOffset } from '../../../src/buffers'
import type { Dispatch } from '../../../src/gpu/dispatch'
import { readBuffer } from '../../../src/gpu/readback'
import { readStruct, reflectStruct } from '../../../src/gpu/reflect'
import { control, measure, reset, updateMinibatch } from '../../../src/iteration'
import { networkShape } from '../../../src/kernels'
import { gae, rollout } from '../../../src/layered'
import { iteration, writeFirstWeights } from '../../../src/ppo'
import { createRun, destroyRun, type Run } from '../../../src/run'
import type { StageArgs, StageDump } from '../protocol'
import { sharedGpu } from './device'
import { submit, updateResult } from './replay'

type Name = keyof Run['buffers']

const read = async (run: Run, name: Name): Promise<Float32Array> =>
  new Float32Array(await readBuffer(run.gpu.device, run.buffers[name]))

/** Cuts a rollout after each environment step. */
function perStep(dispatches: Dispatch[]): Dispatch[][] {
  const chunks: Dispatch[][] = [[]]
  for (const dispatch of dispatches) {
    chunks.at(-1)!.push(dispatch)
    if (dispatch.kernel.stem === 'step_envs') chunks.push([])
  }
  return chunks
}

export async function stages({ env, config, warmup }: StageArgs): Promise<StageDump> {
  const gpu = await sharedGpu()
  const spec = findEnv(env)
  const run = await createRun(gpu, {
    spec,
    shape: networkShape(spec, config),
    config: { ...config, numAgents: 1, plan: 'layered' },
  })
  try {
    const { updateEpochs, numMinibatches, numEnvs } = run.sizes
    const start = reset(run)
    const whole = iteration(run, 0)
    const steps = perStep(rollout(run))
    const advantages = [...gae(run), ...measure(run)]
    const updates = Array.from({ length: updateEpochs * numMinibatches }, (_, u) =>
      updateMinibatch(run, Math.floor(u / numMinibatches), u % numMinibatches),
    )
    const end = control(run, 0)
    run.arena.upload()
    writeFirstWeights(run)
    submit(run, start)
    for (let i = 0; i < warmup; i++) submit(run, whole)

    const before = await beforeIteration(run)
    const envStates = [await read(run, 'env_states')]
    for (const step of steps.slice(0, -1)) {
      submit(run, step)
      envStates.push(await read(run, 'env_states'))
    }
    submit(run, steps.at(-1)!)
    const heads = await read(run, 'heads')
    const values = valuesOffset(run.sizes, run.layout, numEnvs)
    submit(run, advantages)
    const [transitions, finalObs, finalValues] = await Promise.all([
      read(run, 'transitions'),
      read(run, 'final_obs'),
      read(run, 'final_values'),
    ])
    submit(run, updates[0])
    const [first, minibatch] = await Promise.all([updateResult(run), read(run, 'minibatch')])
    const samples = first.samples!
    for (const update of updates.slice(1)) submit(run, update)
    submit(run, end)
    const last = await updateResult(run)
    gpu.check()
    return {
      ...before,
      envStates: Float32Array.from(envStates.flatMap((state) => [...state])),
      transitions,
      finalObs,
      finalValues: finalValues.filter((_, i) => i % 4 === 0),
      nextValues: Float32Array.from({ length: numEnvs }, (_, i) => heads[values + i * 4]),
      minibatch,
      newLogprob: samples.newLogprob,
      ratio: samples.ratio,
      entropy: samples.entropyPerSample,
      newValue: samples.newValue,
      gradient: first.gradient,
      paramsAfterStep: first.params,
      paramsAfter: last.params,
      curve: last.curve,
    }
  } finally {
    destroyRun(run)
  }
}

/** What the iteration starts from. */
async function beforeIteration(run: Run) {
  const { code } = run.kernels.step_envs
  const progress = reflectStruct(code, 'Progress')
  const episode = reflectStruct(code, 'Episode')
  const [progressBytes, episodeBytes] = await Promise.all(
    (['progress', 'episodes'] as const).map((name) => readBuffer(run.gpu.device, run.buffers[name])),
  )
  const p = readStruct(code, progress, new DataView(progressBytes)) as Record<string, number>
  const lengths = Array.from({ length: run.sizes.numEnvs }, (_, i) => {
    return readStruct(code, episode, new DataView(episodeBytes), i * episode.size).episodicLength as number
  })
  return {
    iteration: p.iteration,
    adamStep: p.adamStep,
    learningRate: p.learningRate,
    klCoef: p.klCoef,
    episodicLengths: Float32Array.from(lengths),
    paramsBefore: await read(run, 'parameters'),
    moments: await read(run, 'moments'),
  }
}
