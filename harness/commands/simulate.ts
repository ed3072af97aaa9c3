/** `sweep --simulate`: what a sweep of a size costs its coordinator, on a simulated clock. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { provenance } from '../checkout/provenance'
import type { Flag, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { linesOfJson, type Output } from '../cli/output'
import { makeFolder, writeWhole } from '../disk/disk'
import { readInteger } from '../setup/setup'
import { type ScaleRow, scaleChart, scaleTable, simulateSizes } from '../sweep/scaling'
import type { Simulated } from '../sweep/simulate'
import { SCALE_FIELDS } from './fields/sweep'

export const SIMULATE_FLAGS: Record<string, Flag> = {
  simulate: {
    value: 'TRIALS',
    help: 'Train nothing: simulate sweeps of 1,000 trials and more up to TRIALS, and say what they cost the coordinator.',
  },
  workers: { value: 'N', help: 'Simulated workers; default 10000. Only with --simulate.' },
}

type Measured = Omit<ScaleRow, keyof Simulated>

const READ = ['simulate', 'workers', 'seed', 'out', 'json']

/** @param flags All flags of the command. @throws UsageError for one that a simulation does not read. */
export async function simulateSweeps(given: Given, flags: string[], output: Output): Promise<number> {
  const wrong = flags.filter((flag) => given.has(flag) && !READ.includes(flag))
  if (wrong.length > 0) {
    const names = wrong.map((flag) => `--${flag}`).join(', ')
    throw new UsageError(`--simulate: trains nothing, and cannot be combined with ${names}. Leave one out.`)
  }
  const trials = readInteger(given, 'simulate', 0, 1, 10_000_000)
  const workers = readInteger(given, 'workers', 10_000, 1, 1_000_000)
  const files = filesOf(given.text('out'))
  const { commit, date, node, cpu, cores } = provenance()
  const from = { commit, date, node, cpu, cores }
  const rows = await simulateSizes({ trials, workers, seed: readInteger(given, 'seed', 1, 0, 0xffffffff) }, (row) =>
    output.say(`${row.trials} trials, ${row.asha ? 'asynchronous' : 'with barriers'}: ${row.results} results`),
  )
  const scale: ScaleRow[] = rows.map((row) => ({ ...row, ...from }))
  if (files) {
    makeFolder(files.folder)
    writeWhole(files.json, linesOfJson({ scale }))
    writeWhole(files.svg, scaleChart(rows, measuredText(from)))
  }
  output.result(inOrder(SCALE_FIELDS, { scale }), `${scaleTable(rows)}\n\n${measuredText(from)}`)
  return EXIT.done
}

function filesOf(folder: string | undefined) {
  if (folder === undefined) return null
  const files = { folder, json: join(folder, 'sweep-scale.json'), svg: join(folder, 'sweep-scale.svg') }
  const there = [files.json, files.svg].find((file) => existsSync(file))
  if (there === undefined) return files
  throw new UsageError(`--out: ${there} is there already. Name another folder.`)
}

const measuredText = ({ cpu, cores, node, commit, date }: Measured): string =>
  `${cpu}, ${cores} cores, Node ${node}, commit ${commit?.slice(0, 7) ?? 'unknown'}, ${date.slice(0, 10)}`
