/** `compile-report`: what the compilers of real GPUs make of the kernels, on a machine without any of those GPUs. */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { largest } from '../../src/extremes'
import { provenance } from '../checkout/provenance'
import { packageRoot } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, HarnessError, UsageError } from '../cli/errors'
import { table } from '../cli/output'
import { reportPipelines } from '../compilereport/cases'
import type { Pipeline } from '../compilereport/collect'
import { compileAll } from '../compilereport/compile'
import { FAMILIES } from '../compilereport/families'
import { installSet, mesaVersion, rootOf } from '../compilereport/packages'
import { type Compiled, mergedRows, REPORT_FILE, type Report, readReport, writeReport } from '../compilereport/report'

export const compileReport: Command = {
  name: 'compile-report',
  summary:
    "Compile the kernels with Mesa's compilers for GPUs that are not there, and report registers, spills and code.",
  flags: {
    family: {
      value: 'NAME',
      multiple: true,
      help: `Only this GPU family: ${Object.keys(FAMILIES).join(', ')}. May be given several times.`,
    },
    only: {
      value: 'TEXT',
      help: 'Only pipelines whose kernel or shape contains this text. With --record, the others keep their rows.',
    },
    install: {
      help: "First download the compilers: Debian's packages of Mesa, unpacked in a folder of the user's cache.",
    },
    record: { help: `Write ${REPORT_FILE}; \`npm run tables\` then writes the tables of docs/kernel-forms.md.` },
  },
  get details() {
    const width = largest(Object.keys(FAMILIES).map((name) => name.length)) + 2
    const list = Object.entries(FAMILIES).map(
      ([name, { gpu, compiler }]) => `  ${name.padEnd(width)}${gpu}, ${compiler}`,
    )
    return [
      `GPU families:\n${list.join('\n')}`,
      'Nothing is executed and no GPU is needed; cc and, for --install, Debian on x86-64 are. Without --family, those whose\n' +
        'compilers are there, with --install all. Exit code 1 where registers are spilled or a compiler crashes.',
    ].join('\n\n')
  },
  run: runCompileReport,
}

async function runCompileReport(given: Given): Promise<number> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new UsageError(`compile-report: works on Linux x64; this is ${process.platform} ${process.arch}.`)
  }
  if (!existsSync(join(packageRoot(), 'harness', 'compilereport', 'compile_only.c'))) {
    throw new UsageError('compile-report: works in a checkout of ppo-webgpu only.')
  }
  const named = given.all('family')
  const unknown = named.find((name) => !Object.hasOwn(FAMILIES, name))
  if (unknown) throw new UsageError(`--family: ${unknown} is not one of ${Object.keys(FAMILIES).join(', ')}.`)
  const only = given.text('only')
  const wanted = named.length > 0 ? named : Object.keys(FAMILIES)
  if (given.has('install')) {
    for (const set of new Set(wanted.map((name) => FAMILIES[name].set))) {
      process.stdout.write(`Downloading into ${rootOf(set)}, about 75 MB.\n`)
      installSet(set)
    }
  }
  const families = wanted.filter((name) => named.length > 0 || mesaVersion(FAMILIES[name].set))
  const missing = families.find((name) => !mesaVersion(FAMILIES[name].set))
  if (missing || families.length === 0) {
    throw new HarnessError(
      `compile-report: the compiler${missing ? ` for ${missing} is` : 's are'} not there. Add --install to download it.`,
    )
  }
  const all = reportPipelines()
  const pipelines = all.filter(({ stem, shapes }) => only === undefined || `${stem} ${shapes}`.includes(only))
  if (pipelines.length === 0) throw new UsageError(`--only: no kernel and no shape contains ${JSON.stringify(only)}.`)
  const others = given.has('record') && only !== undefined ? all.filter((p) => !pipelines.includes(p)) : []
  if (others.length > 0) checkSameCompilers(families)
  let ok = true
  const found: Record<string, (Compiled | null)[]> = {}
  for (const name of families) {
    found[name] = await compileAll(name, pipelines)
    process.stdout.write(`${textOf(name, pipelines, found[name])}\n\n`)
    ok &&= found[name].every((compiled) => compiled?.spills === 0)
  }
  if (given.has('record')) {
    writeReport(merged(all, pipelines, found))
    process.stdout.write(`${REPORT_FILE} is written. \`npm run tables\` writes it into the documents.\n`)
  }
  return ok ? EXIT.done : EXIT.checkFailed
}

function textOf(name: string, pipelines: Pipeline[], compiled: (Compiled | null)[]): string {
  const { gpu, compiler, set, occupancyUnit } = FAMILIES[name]
  const head = [
    'kernel',
    'shape',
    'memory',
    'registers',
    'spills',
    'instructions',
    'code',
    'occupancy',
    'per mul-add',
    's',
  ]
  const rows = compiled.map((c, i) => {
    const row = [pipelines[i].stem, pipelines[i].shapes[0], `${pipelines[i].memory}`]
    if (!c) return [...row, 'the compiler crashes', ...Array(6).fill('')]
    const counts = [c.registers, c.spills, c.instructions, c.codeBytes, c.occupancy].map(String)
    return [...row, ...counts, c.perMultiply?.toFixed(2) ?? '', c.seconds.toFixed(1)]
  })
  return `${gpu}, ${compiler} of Mesa ${mesaVersion(set)}; occupancy: ${occupancyUnit}\n${table([head, ...rows])}`
}

/** dawn.node's version. */
function dawnVersion(): string {
  const entry = createRequire(import.meta.url).resolve('webgpu')
  return JSON.parse(readFileSync(join(dirname(entry), 'package.json'), 'utf8')).version
}

/** Rows that are kept must be of the same compilers as those that are written. */
function checkSameCompilers(families: string[]): void {
  const old = readReport()?.compilers ?? {}
  for (const name of families.filter((name) => old[name])) {
    const [then, now] = [
      `${old[name].mesa}, dawn ${old[name].dawn}`,
      `${mesaVersion(FAMILIES[name].set)}, dawn ${dawnVersion()}`,
    ]
    if (then !== now)
      throw new UsageError(
        `--only: the report of ${name} is of Mesa ${then}; here is Mesa ${now}. Record all pipelines.`,
      )
  }
}

/** The new numbers, and those of other families and pipelines for kernels that are as they were. */
function merged(all: Pipeline[], pipelines: Pipeline[], found: Record<string, (Compiled | null)[]>): Report {
  const { date, commit, cpu } = provenance()
  const old = readReport()
  const compilers = { ...old?.compilers }
  for (const name of Object.keys(found)) {
    const { gpu, compiler, set } = FAMILIES[name]
    compilers[name] = { gpu, compiler, mesa: mesaVersion(set)!, dawn: dawnVersion() }
  }
  const rows = mergedRows(all, pipelines, found, old)
  return { date: date.slice(0, 10), commit, cpu, compilers, rows }
}
