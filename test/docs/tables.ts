/**
 * Tables in the documents that are generated from the code. `npm run tables` writes them, test/unit/docs.test.ts checks
 * them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { table } from './markdown'
import { bufferRows, dispatchRows } from './plans'
import { commandTable, flagTable, jsonTables } from './tables/commands'
import { compiledTable, compilersTable, compilerTable } from './tables/compilers'
import { environmentTable, paperTable, returnTable, robotTable, sizesTable } from './tables/environments'
import { formTable } from './tables/forms'
import { galleryTable } from './tables/gallery'
import { optionTables, presetTable, sweepFormTable } from './tables/options'
import {
  checkpointTable,
  curveTable,
  dumpTable,
  faultTable,
  linkTable,
  metricTable,
  sourceTable,
  symbolTable,
} from './tables/reference'
import { speedTable } from './tables/speeds'

const TABLES: Record<string, () => string> = {
  options: optionTables,
  presets: presetTable,
  environments: environmentTable,
  sizes: sizesTable,
  returns: returnTable,
  paper: paperTable,
  robots: robotTable,
  speeds: speedTable,
  gallery: galleryTable,
  forms: formTable,
  sweepforms: sweepFormTable,
  compilerversions: () => compilersTable(),
  compilerstats: () => compilerTable(),
  compiledkernels: () => compiledTable(),
  commands: commandTable,
  flags: flagTable,
  json: jsonTables,
  metrics: metricTable,
  symbols: symbolTable,
  sources: sourceTable,
  curves: curveTable,
  links: linkTable,
  faults: faultTable,
  checkpoint: checkpointTable,
  dump: dumpTable,
  buffers: () => table(['buffer', 'type and shape', 'written by', 'only read by'], bufferRows()),
  dispatches: () =>
    table(['configuration', 'sizes', 'plan', 'rollout', 'gae', 'measure', 'update', 'control', 'all'], dispatchRows()),
}
/** The documents with such tables, from the root of the repository. */
export const WITH_TABLES = [
  'README.md',
  'ARCHITECTURE.md',
  'shaders/README.md',
  'examples/gallery/README.md',
  ...['options', 'results', 'commands', 'json', 'metrics', 'lab', 'buffers', 'kernel-forms', 'sweeps'].map(
    (name) => `docs/${name}.md`,
  ),
]

/** `text` with its tables updated: each between `<!-- table NAME -->` and `<!-- end -->`. */
export function withTables(text: string): string {
  return text.replace(/(<!-- table (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, name, end) => {
    if (!Object.hasOwn(TABLES, name)) throw new Error(`<!-- table ${name} -->: there is no such table`)
    return `${begin}\n${TABLES[name]()}\n\n${end}`
  })
}

export function writeTables(): void {
  for (const path of WITH_TABLES) {
    const file = new URL(`../../${path}`, import.meta.url)
    writeFileSync(file, withTables(readFileSync(file, 'utf8')))
  }
}
