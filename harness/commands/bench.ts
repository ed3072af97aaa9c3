/** `bench`: training throughput of named cases, on the GPU and with the CPU reference. */
import { writeFileSync } from 'node:fs'
import { derivedSizes } from '../../src/config'
import { createReferencePpo } from '../../src/reference/ppo'
import { suggest } from '../../src/suggest'
import type { Command, Given } from '../args'
import { type BenchCase, benchCase, CASES } from '../cases'
import { EXIT, UsageError } from '../errors'
import { count, makeOutput, type Output, table } from '../output'
import { provenance } from '../provenance'
import { openRuntime, type Runtime } from '../runtime'
import { ADAPTER_FLAG, adapterName, announceAdapter, readAdapter, readInteger } from '../setup'

/** Every case is timed in both plans of the GPU, and with the CPU reference. */
const PLANS = ['layered', 'fused'] as const

export interface BenchRow {
  case: string
  plan: string
  env: string
  numAgents: number
  numEnvs: number
  numSteps: number
  updateEpochs: number
  numMinibatches: number
  hidden: number[]
  /** Environment steps in a second, training included: median and range over the repeats. */
  sps: number
  spsMin: number
  spsMax: number
  repeats: number
  /** Iterations in each repeat. */
  iterations: number
  dispatchesPerIteration: number | null
  hostMsPerIteration: number | null
  adapter: string
  browser: string | null
  commit: string | null
  date: string
  node: string
  cpu: string
  cores: number
}

export const bench: Command = {
  name: 'bench',
  summary: 'Measure training throughput, on the GPU and with the CPU reference.',
  flags: {
    case: { value: 'NAME', multiple: true, help: `${Object.keys(CASES).join(', ')}; may be given several times.` },
    repeats: { value: 'N', help: 'Timed repeats after one warm-up; 5 unless given.' },
    json: { value: 'FILE', optionalValue: true, help: 'Write the rows to FILE; without FILE, or with -, to stdout.' },
    ...ADAPTER_FLAG,
  },
  details:
    'On a software adapter and on the CPU, cartpole-wide runs at 1/16 of its size, and is named cartpole-wide/16.\n' +
    'Rows of plan "reference" are the plain TypeScript trainer in Node, one thread.',
  run: runBench,
}

async function runBench(given: Given): Promise<number> {
  const names = given.all('case').length ? [...new Set(given.all('case'))] : Object.keys(CASES)
  for (const name of names) {
    if (Object.hasOwn(CASES, name)) continue
    const known = Object.keys(CASES)
    throw new UsageError(
      `--case: there is no case ${JSON.stringify(name)}${suggest(name, known)}. Cases: ${known.join(', ')}.`,
    )
  }
  const repeats = readInteger(given, 'repeats', 5, 1, 1000)
  const file = given.text('json')
  if (file !== undefined && file !== '-') checkWritable(file)
  const output = makeOutput(file === '-')

  const rows = await measure(names, repeats, readAdapter(given), output)
  const json = { rows }
  if (file !== undefined && file !== '-') writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`)
  output.result(json, benchTable(rows))
  return EXIT.done
}

function checkWritable(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'a' })
  } catch (error) {
    throw new UsageError(`--json: cannot write to ${file} (${(error as Error).message}).`)
  }
}

async function measure(names: string[], repeats: number, adapter: ReturnType<typeof readAdapter>, output: Output) {
  const rows: BenchRow[] = []
  const runtime = await openRuntime({ adapter })
  try {
    announceAdapter(output, runtime.facts)
    for (const name of names) {
      const sized = benchCase(name, runtime.facts.software)
      for (const plan of PLANS) {
        output.say(`${sized.name}, ${plan}, on ${adapterName(runtime.facts)} ...`)
        rows.push(await measureGpu(runtime, { ...sized, config: { ...sized.config, plan } }, repeats))
      }
    }
  } finally {
    await runtime.close()
  }
  for (const name of names) {
    const sized = benchCase(name, true)
    output.say(`${sized.name} with the CPU reference ...`)
    rows.push(measureReference(sized, Math.min(repeats, 3)))
  }
  return rows
}

async function measureGpu(runtime: Runtime, sized: BenchCase, repeats: number): Promise<BenchRow> {
  const { spec, config, iterations } = sized
  const result = await runtime.call('bench', { env: spec.id, config, repeats, iterations })
  return benchRow(sized, result.seconds, iterations, {
    plan: result.plan,
    dispatchesPerIteration: result.dispatchesPerIteration,
    hostMsPerIteration: Number(result.hostMsPerIteration.toFixed(3)),
    adapter: adapterName(runtime.facts),
    browser: runtime.facts.browser,
  })
}

function measureReference(sized: BenchCase, repeats: number): BenchRow {
  const ppo = createReferencePpo(sized.spec, sized.config)
  ppo.iterate()
  const seconds = Array.from({ length: repeats }, () => {
    const start = performance.now()
    ppo.iterate()
    return (performance.now() - start) / 1000
  })
  const none = { dispatchesPerIteration: null, hostMsPerIteration: null, browser: null }
  return benchRow(sized, seconds, 1, { plan: 'reference', adapter: `CPU, Node ${process.version}`, ...none })
}

type Where = Pick<BenchRow, 'plan' | 'dispatchesPerIteration' | 'hostMsPerIteration' | 'adapter' | 'browser'>

function benchRow({ name, spec, config }: BenchCase, seconds: number[], iterations: number, where: Where): BenchRow {
  const { numAgents, numEnvs, numSteps, updateEpochs, numMinibatches, hidden } = config
  const steps = derivedSizes(config).batchSize * numAgents * iterations
  const sps = seconds.map((s) => Math.round(steps / s)).sort((a, b) => a - b)
  const middle = (sps.length - 1) / 2
  const { commit, date, node, cpu, cores } = provenance()
  return {
    case: name,
    env: spec.id,
    ...{ numAgents, numEnvs, numSteps, updateEpochs, numMinibatches, hidden },
    sps: Math.round((sps[Math.floor(middle)] + sps[Math.ceil(middle)]) / 2),
    spsMin: sps[0],
    spsMax: sps[sps.length - 1],
    repeats: seconds.length,
    iterations,
    ...where,
    ...{ commit, date, node, cpu, cores },
  }
}

export function benchTable(rows: BenchRow[]): string {
  const head = ['case', 'plan', 'envs x steps', 'steps/s', 'range', 'dispatches', 'host ms', 'adapter']
  const body = rows.map((r) => [
    r.case,
    r.plan,
    `${r.numEnvs} x ${r.numSteps}`,
    count(r.sps),
    `${count(r.spsMin)} - ${count(r.spsMax)}`,
    count(r.dispatchesPerIteration),
    count(r.hostMsPerIteration, 2),
    r.adapter,
  ])
  return table([head, ...body])
}
