/** `compare`: one iteration on the GPU against the CPU reference, stage by stage, and the speed of both. */

import { compareStages } from '../../src/compare/stages'
import { derivedSizes, type PpoConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { createReferencePpo } from '../../src/reference/ppo'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { count, makeOutput, table } from '../cli/output'
import { envArgs } from '../protocol/environment'
import { openRuntime } from '../runtime/open'
import { announceAdapter, CONFIG_FLAGS, readInteger, readRuntime, readSetup } from '../setup/setup'
import { COMPARE_FIELDS, type CompareResult } from './fields/checks'

/** The shortest time for which each side is timed, in seconds, and at least one iteration. */
const SECONDS = 3

export const compare: Command = {
  name: 'compare',
  summary: 'Compare the GPU with the CPU reference, stage by stage.',
  flags: {
    ...CONFIG_FLAGS,
    warmup: { value: 'N', help: 'Iterations trained before the compared one; default 2.' },
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    "Every stage gets the GPU's own inputs, so errors do not add up from stage to stage. A sampled action may differ\n" +
    'only if its random number is within 1e-5 of a cumulative probability. Exit code 1 if a stage exceeds its limit.',
  results: { compare: COMPARE_FIELDS },
  run: runCompare,
}

async function runCompare(given: Given): Promise<number> {
  const { spec, config } = await readSetup(given)
  const warmup = readInteger(given, 'warmup', 2, 0, 1000)
  if (!spec.twin) throw new UsageError(`--env: ${spec.id} has no CPU twin to compare with.`)
  const choice = readRuntime(given)
  const output = makeOutput(given.has('json'))
  const runtime = await openRuntime(choice)
  try {
    announceAdapter(output, runtime.facts)
    const own = envArgs(spec)
    const solo = { ...config, numAgents: 1 }
    const stages = compareStages(spec, solo, await runtime.call('stages', { ...own, config: solo, warmup }))
    const cpuSps = referenceSps(spec, solo)
    const endless = { ...solo, stopWhenSolved: false, totalTimesteps: Math.min(2 ** 40, solo.numEnvs * 2 ** 31) }
    const timing = { unit: 'iteration', repeats: 1, repeatSeconds: SECONDS } as const
    const { seconds, units } = await runtime.call('bench', { ...own, config: endless, ...timing })
    const gpuSps = (units * derivedSizes(solo).batchSize) / seconds[0]
    const adapter = adapterName(runtime.facts)
    const result: CompareResult = {
      stages,
      gpuSps: Math.round(gpuSps),
      cpuSps: Math.round(cpuSps),
      speedRatio: gpuSps / cpuSps,
      adapter,
    }
    output.result(inOrder(COMPARE_FIELDS, result), report(result))
    return stages.every((s) => s.ok) ? EXIT.done : EXIT.checkFailed
  } finally {
    await runtime.close()
  }
}

/** Steps per second of the CPU trainer: one iteration to warm up, then iterations for SECONDS. */
function referenceSps(spec: EnvSpec, config: PpoConfig): number {
  const { batchSize } = derivedSizes(config)
  const ppo = createReferencePpo(spec, { ...config, stopWhenSolved: false })
  ppo.iterate()
  const start = performance.now()
  let steps = 0
  while (performance.now() - start < SECONDS * 1000 && !ppo.done) {
    ppo.iterate()
    steps += batchSize
  }
  return (steps || batchSize) / ((performance.now() - start) / 1000)
}

function report({ stages, gpuSps, cpuSps, speedRatio, adapter }: CompareResult): string {
  const rows = stages.map((s) => [
    s.stage,
    s.maxAbsError.toExponential(1),
    s.maxRelError.toExponential(1),
    s.limit.toExponential(1),
    s.ok ? 'ok' : 'FAILED',
  ])
  const notes = stages.filter((s) => s.note).map((s) => `${s.stage}: ${s.note}.`)
  return [
    table([['stage', 'max abs error', 'max rel error', 'limit', ''], ...rows]),
    ...notes,
    `GPU ${count(gpuSps)} steps/s (${adapter}), CPU reference ${count(cpuSps)} steps/s: ${speedRatio.toFixed(2)} x.`,
  ].join('\n')
}
