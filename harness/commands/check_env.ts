/** `check-env`: checks environments, built-in or the user's own, against their twins and by themselves. */

import { ENVS } from '../../envs/registry'
import { ConfigError } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn, type EnvReport, envReportText } from '../../src/envcheck/checkenv'
import { checkSpec } from '../../src/envcheck/spec'
import { adapterName } from '../../src/gpu/device'
import { checkObservation } from '../../src/plan/observation'
import type { Command, Given } from '../cli/args'
import { EXIT, HarnessError, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { makeOutput } from '../cli/output'
import { openRuntime } from '../runtime/open'
import type { Runtime } from '../runtime/runtime'
import { chooseEnv, namedSpecs, splitModule } from '../setup/environment'
import { announceAdapter, RUNTIME_FLAGS, readInteger, readRuntime } from '../setup/setup'
import { CHECK_ENV_FIELDS } from './fields/checks'

export const checkEnvCommand: Command = {
  name: 'check-env',
  summary: 'Check an environment: its kernel against its CPU twin, step by step.',
  positionals: { usage: '[FILE]', min: 0, max: 1 },
  flags: {
    env: {
      value: 'ID_OR_FILE',
      help: 'An environment: an id, or a module as FILE. Without it and FILE, all that are built in.',
    },
    seed: { value: 'N', help: 'Seed of initial states, actions and draws; default 1.' },
    steps: { value: 'N', help: 'Steps of each environment; default 200.' },
    'num-envs': { value: 'N', help: 'Number of parallel environments; default 64.' },
    ...RUNTIME_FLAGS,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'FILE is a module that exports one or more EnvSpecs, in TypeScript or JavaScript; FILE:NAME is one of its exports.\n' +
    'Exit code 1 when something is wrong with the kernel or the twin, 2 when the description itself is.',
  results: { 'check-env': CHECK_ENV_FIELDS },
  run: runCheckEnv,
}

async function runCheckEnv(given: Given): Promise<number> {
  const choice = readRuntime(given)
  const sizes = {
    seed: readInteger(given, 'seed', 1, 0, 2 ** 32 - 1),
    steps: readInteger(given, 'steps', 200, 1, 10_000),
    numEnvs: readInteger(given, 'num-envs', 64, 1, 4096),
  }
  const specs = await readSpecs(given)
  for (const spec of specs) checkNamed(spec, specs.length > 1)
  const output = makeOutput(given.has('json'))
  const runtime = await openRuntime(choice)
  const reports: EnvReport[] = []
  try {
    announceAdapter(output, runtime.facts)
    for (const spec of specs) checkObservation(spec, runtime.facts.software)
    for (const spec of specs) {
      const report = await checkOn(runtime, spec, { ...sizes, onProgress: output.warn })
      reports.push(report)
      output.say(envReportText(report))
    }
  } finally {
    await runtime.close()
  }
  const ok = reports.every((report) => report.ok)
  const result = { ok, envs: reports, adapter: adapterName(runtime.facts) }
  output.result(
    inOrder(CHECK_ENV_FIELDS, result),
    `${ok ? 'OK' : 'FAILED'}: ${reports.filter((r) => r.ok).length} of ${reports.length} are right.`,
  )
  return ok ? EXIT.done : EXIT.checkFailed
}

/** @throws ConfigError for a wrong description; it says which if there are several environments. */
function checkNamed(spec: EnvSpec, named: boolean): void {
  try {
    checkSpec(spec)
  } catch (error) {
    if (named && error instanceof ConfigError) throw new ConfigError(`${spec.id}: ${error.message}`)
    throw error
  }
}

async function readSpecs(given: Given): Promise<EnvSpec[]> {
  const id = given.text('env')
  const [file] = given.positionals
  if (id !== undefined && file !== undefined)
    throw new UsageError(`--env: ${id}, and FILE is ${file}. Give one of them.`)
  const text = file ?? id
  if (text === undefined) return [...ENVS]
  const module = splitModule(text)
  // As they are: the check itself says what is wrong with them.
  if (module) return (await namedSpecs(id === undefined ? 'FILE' : '--env', module)).map(({ spec }) => spec)
  if (id === undefined) throw new UsageError(`${text}: is not a module. Name a file in TypeScript or JavaScript.`)
  return [(await chooseEnv('--env', id)).spec]
}

type Sizes = { seed: number; steps: number; numEnvs: number; onProgress: (line: string) => void }

async function checkOn(runtime: Runtime, spec: EnvSpec, sizes: Sizes): Promise<EnvReport> {
  try {
    return await checkEnvOn((run) => runtime.call('runKernel', run), spec, sizes)
  } catch (error) {
    // WGSL that does not compile is the user's: our stack does not help.
    if (!(error instanceof HarnessError) || !/does not compile/.test(error.message)) throw error
    throw new HarnessError(`${spec.id}: ${error.message}`, EXIT.badUsage)
  }
}
