/** What `bench` does instead of its table: `--profile`, `--against`, `--growth`. */
import { suggest } from '../../src/options/suggest'
import { type BenchFiles, finish, isFolder, save } from '../bench/files'
import { measureGrowth } from '../bench/growth'
import { growthChart, growthTable } from '../bench/growthchart'
import { canProfile, profileCases } from '../bench/profile'
import { profileTables } from '../bench/tables'
import { CASES } from '../cases/cases'
import type { Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import type { Output } from '../cli/output'
import { measurePairs, PAIR_CASES } from '../pairs/pairs'
import { pairsTable } from '../pairs/table'
import { readInteger, readRuntime } from '../setup/setup'
import { GROWTH_FIELDS, PAIR_FIELDS, PROFILE_FIELDS } from './fields/bench'

/** What a mode does. `refused`: flags of the others, which it does not read. */
interface Mode {
  refused: string[]
  run(given: Given, files: BenchFiles, output: Output): Promise<void>
}

const MODES: Record<string, Mode> = {
  profile: {
    refused: ['record', 'plot', 'from', 'rivals', 'against', 'growth', 'env'],
    async run(given, { json }, output) {
      const names = readNames(given, Object.keys(CASES))
      const wanted = given.has('case') ? names : names.filter(canProfile)
      const profiles = await profileCases(wanted, readRuntime(given), output)
      finish(inOrder(PROFILE_FIELDS, { profiles }), profileTables(profiles), json, given.has('force'), output)
    },
  },
  against: {
    refused: ['record', 'plot', 'from', 'rivals', 'growth', 'env'],
    async run(given, { json }, output) {
      const pairs = await measurePairs({
        against: given.text('against')!,
        cases: readNames(given, PAIR_CASES),
        rounds: readInteger(given, 'repeats', 7, 1, 1000),
        ...{ runtime: readRuntime(given), output },
      })
      finish(inOrder(PAIR_FIELDS, { pairs }), pairsTable(pairs), json, given.has('force'), output)
    },
  },
  growth: {
    refused: ['record', 'from', 'rivals', 'case', 'env'],
    async run(given, { json, plot }, output) {
      const growth = await measureGrowth(readInteger(given, 'repeats', 3, 1, 1000), readRuntime(given), output)
      finish(inOrder(GROWTH_FIELDS, { growth }), growthTable(growth), json, given.has('force'), output)
      if (plot !== undefined) save(plot, growthChart(growth), given.has('force'), output)
    },
  },
}

/** Null if none of the modes was asked for. */
export async function runInstead(given: Given, files: BenchFiles, output: Output): Promise<number | null> {
  const name = Object.keys(MODES).find((mode) => given.has(mode))
  if (name === undefined) return null
  const wrong = MODES[name].refused.filter((flag) => given.has(flag))
  if (wrong.length > 0) {
    throw new UsageError(
      `--${name}: cannot be combined with ${wrong.map((flag) => `--${flag}`).join(', ')}. Leave one out.`,
    )
  }
  if (files.json !== undefined && isFolder(files.json)) {
    throw new UsageError(`--json: ${files.json} is a folder. With --${name} name a file.`)
  }
  await MODES[name].run(given, files, output)
  return EXIT.done
}

/** The cases that were named, or all of `known`. */
export function readNames(given: Given, known: string[]): string[] {
  const names = given.all('case').length ? [...new Set(given.all('case'))] : known
  for (const name of names) {
    if (known.includes(name)) continue
    throw new UsageError(
      `--case: there is no case ${JSON.stringify(name)}${suggest(name, known)}. Cases: ${known.join(', ')}.`,
    )
  }
  return names
}
