/** `bench --profile`: GPU timestamps of every kernel. Such a run reports no steps per second. */

import type { PpoConfig } from '../../src/config/config'
import { adapterName } from '../../src/gpu/device'
import { benchPoints, CASES } from '../cases/cases'
import { gpuWhere, type Source, source, type Where } from '../cases/rows'
import { EXIT, HarnessError, UsageError } from '../cli/errors'
import type { Output } from '../cli/output'
import { envArgs } from '../protocol/environment'
import type { KernelTime, Unit } from '../protocol/protocol'
import { openRuntime } from '../runtime/open'
import type { RuntimeChoice } from '../runtime/runtime'
import { announceAdapter } from '../setup/setup'
import { GPU_PLANS, whyNotPossible } from './measure'

export interface ProfileRow extends Where, Source {
  case: string
  plan: string
  unit: Unit
  /** Of all kernels in one unit. */
  ms: number
  kernels: KernelTime[]
  config: PpoConfig
}

export const canProfile = (name: string): boolean =>
  !CASES[name].scaling && !CASES[name].firstUpdate && !CASES[name].everyEnv && !CASES[name].convolutionsOf

/** @throws HarnessError 3 if the adapter has no timestamps. */
export async function profileCases(names: string[], choice: RuntimeChoice, output: Output): Promise<ProfileRow[]> {
  const wrong = names.find((name) => !canProfile(name))
  if (wrong !== undefined) {
    throw new UsageError(
      `--profile: ${wrong} cannot be profiled. Use ${Object.keys(CASES).filter(canProfile).join(', ')}.`,
    )
  }
  const runtime = await openRuntime(choice)
  const profiles: ProfileRow[] = []
  try {
    announceAdapter(output, runtime.facts)
    const points = names.flatMap((name) => benchPoints(name, runtime.facts.software ? 'software' : 'hardware'))
    for (const { name, spec, config, unit } of points) {
      for (const plan of GPU_PLANS) {
        output.say(`${name}, ${plan} ...`)
        const planned = { ...config, plan }
        const task = runtime.call('profile', { ...envArgs(spec), config: planned, unit })
        const result = await task.catch(whyNotPossible)
        if (typeof result === 'string') {
          output.say(`  skipped: ${result}`)
          continue
        }
        const { kernels } = result
        if (kernels === null) {
          const who = adapterName(runtime.facts)
          throw new HarnessError(
            `--profile: ${who} has no timestamp-query, so nothing is known of single kernels. Run the bench without it.`,
            EXIT.noWebGpu,
          )
        }
        const ms = kernels.reduce((sum, k) => sum + k.ms, 0)
        profiles.push({ case: name, plan, unit, ms, kernels, ...gpuWhere(runtime.facts), ...source(), config: planned })
      }
    }
  } finally {
    await runtime.close()
  }
  return profiles
}
