/** Checks an environment: its kernel against its twin, and everything that can be checked without a twin. */

import { ConfigError } from '../config/config'
import type { AnyEnvSpec, EnvSpec } from '../env/contract'
import { requestGpu, watchDevice } from '../gpu/device'
import { kernelRunner, type RunKernel } from '../gpu/once'
import { checkObservation } from '../plan/observation'
import { builtInNotes } from './builtins'
import { functionPlaces } from './contract'
import { coverage } from './coverage'
import { checkDraws } from './draws'
import { checkFollowing } from './following'
import { checkIndices } from './indices'
import { checkResets, checkSame, checkSameResets, type Subject } from './kernel'
import { observationNames, play, rangesOf, startStates } from './play'
import { Progress, tellCost } from './progress'
import { type EnvReport, Findings } from './report'
import { sourceOf } from './source'
import { checkSpec } from './spec'
import { stateWords } from './state'
import { EnvKernels } from './transitions'
import { TwinCheck } from './twin'

export type { EnvProblem, EnvReport } from './report'
export { envReportText } from './report'

export interface CheckEnvOptions {
  /** 0 to 2^32 - 1; default 1. Determines the initial states, actions and random draws. */
  seed?: number
  /** Number of parallel environments, 1 to 4096; default 64. */
  numEnvs?: number
  /** Steps of each environment, 1 to 10000; default 200. Episodes that end are restarted. */
  steps?: number
  /**
   * Initial states, in the twin's form: for states that random actions do not reach, such as a goal. Environment i
   * starts from entry i; the other environments, and all later episodes, start from env_reset.
   */
  from?: readonly object[]
  /** Gets a line every few seconds of a check that takes long, and first what it will cost. */
  onProgress?: (line: string) => void
  /** Your own device; it is not destroyed. */
  device?: GPUDevice
  /** Where to request an adapter if there is no `device`; default navigator.gpu. */
  gpu?: GPU
}

/** Initial states that are drawn before the steps; an environment with more episodes reuses them. */
const RESETS = 16

/**
 * Runs `spec` on the GPU with random actions, twice, and compares every step with the twin, which starts each step from
 * the kernel's own state. Without a twin everything else is checked, and the report lists what was not.
 * @throws ConfigError for an invalid spec or option, before any GPU call, or for an observation that is too long for the adapter; ShaderError, with the file and line of the
 * spec's own WGSL, if it does not compile; GpuError without usable WebGPU.
 */
export async function checkEnv(spec: AnyEnvSpec, options: CheckEnvOptions = {}): Promise<EnvReport> {
  const { device, gpu: provider, ...settings } = options
  checkSpec(spec)
  checkSettings(settings)
  const gpu = device ? watchDevice(device) : await requestGpu(provider)
  try {
    checkObservation(spec, gpu.software)
    return await checkEnvOn(kernelRunner(gpu), spec, settings)
  } finally {
    if (!device) gpu.device.destroy()
  }
}

type Settings = Omit<CheckEnvOptions, 'device' | 'gpu'>

/** `checkEnv` on any `run` that can run kernels. @throws ConfigError */
export async function checkEnvOn(run: RunKernel, spec: EnvSpec, settings: Settings = {}): Promise<EnvReport> {
  checkSpec(spec)
  checkSettings(settings)
  const { seed = 1, numEnvs = 64, steps: numSteps = 200, from = [] } = settings
  const kernels = new EnvKernels(spec, run)
  const subject: Subject = {
    spec,
    words: stateWords(kernels.code),
    stateSize: kernels.stateSize,
    actionSize: kernels.actionSize,
    places: functionPlaces(spec),
    findings: new Findings(),
  }
  const sizes = { seed, numEnvs, numSteps }
  const { onProgress = () => undefined } = settings
  tellCost(spec, kernels.stateSize, sizes, onProgress)
  const progress = new Progress(spec.id, onProgress)
  const resets = await progress.during('first states, compiling', kernels.reset(seed, RESETS, numEnvs))
  const first = startStates(subject, resets, numEnvs, from)
  checkResets(subject, resets)
  checkSameResets(subject, resets, await kernels.reset(seed, RESETS, numEnvs))
  const playing = play(kernels, subject, resets, first, sizes, async (step) => {
    await progress.at(`step ${step.step} of ${numSteps}`)
    return true
  })
  const rollout = await progress.during('steps, compiling', playing)
  await play(kernels, { ...subject, findings: new Findings() }, resets, first, sizes, async (step) => {
    await progress.at(`step ${step.step} of ${numSteps}, again for the same bits`)
    checkSame(subject, [rollout.steps[step.step]], [step])
    return false
  })
  const draws = checkDraws(subject, resets, rollout.steps)
  // With a twin, an index outside of an array is a difference to it; a second form of the kernel would take long to compile.
  const checking = spec.twin ? null : checkIndices(subject, kernels, resets, rollout.steps, seed)
  const indices = checking ? await progress.during('indices, compiling', checking) : { checked: [], notChecked: [] }

  const ranges = rangesOf(subject, resets, rollout.steps)
  let twin: TwinCheck | null = null
  let borderline = 0
  if (spec.twin) {
    const scales = new Map([...ranges].map(([name, { min, max }]) => [name, Math.max(Math.abs(min), Math.abs(max))]))
    twin = new TwinCheck(subject, seed, scales)
    if (twin.checkShape()) {
      twin.checkResets(resets, numEnvs)
      const { after } = rollout.steps[rollout.steps.length - 1]
      await progress.during('resets after episodes', checkFollowing(subject, kernels, after, (seed + RESETS) >>> 0))
      for (const [i, { step, env }] of rollout.finite.entries()) {
        twin.checkStep(step, env)
        if (i % 64 === 0) await progress.at(`step ${i} of ${rollout.finite.length} against the twin`)
      }
      borderline = twin.finish()
    }
  }
  const { problems } = subject.findings
  const told = coverage(subject, resets, rollout, ranges, draws, borderline)
  const shown = ['reward', ...observationNames(spec)]
  return {
    env: spec.id,
    ok: problems.length === 0,
    problems,
    checked: [...told.checked, ...indices.checked],
    notChecked: [...told.notChecked, ...indices.notChecked],
    notes: [...told.notes, ...builtInNotes(sourceOf(spec))],
    seed,
    numEnvs,
    steps: numSteps,
    terminated: rollout.terminated,
    truncated: rollout.truncated,
    draws,
    ranges: shown.flatMap((name) => (ranges.has(name) ? [{ name, ...ranges.get(name)! }] : [])),
    maxError: twin && !subject.findings.twinFails ? twin.maxError : null,
  }
}

const INTEGERS = { seed: [0, 2 ** 32 - 1], numEnvs: [1, 4096], steps: [1, 10_000] } as const

function checkSettings(settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'onProgress') continue
    if (name === 'from') {
      if (value === undefined || Array.isArray(value)) continue
      throw new ConfigError('checkEnv.from: is not a list of states. Give objects with the fields of EnvState.')
    }
    const range = Object.hasOwn(INTEGERS, name) ? INTEGERS[name as keyof typeof INTEGERS] : undefined
    if (!range) {
      throw new ConfigError(
        `checkEnv.${name}: there is no such option. Options: ${Object.keys(INTEGERS).join(', ')}, from, onProgress, device, gpu.`,
      )
    }
    if (value === undefined || (Number.isInteger(value) && Number(value) >= range[0] && Number(value) <= range[1]))
      continue
    throw new ConfigError(`checkEnv.${name}: ${value} is not a whole number from ${range[0]} to ${range[1]}.`)
  }
}
