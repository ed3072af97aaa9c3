/** What GPU compilers make of the kernels: harness/results/compile-report.json, written by `npm run compile-report`. */
import { reportPipelines } from '../../../harness/compilereport/cases'
import type { Pipeline } from '../../../harness/compilereport/collect'
import { FAMILIES } from '../../../harness/compilereport/families'
import { type Compiled, type Report, type Reported, readReport, reported } from '../../../harness/compilereport/report'
import { code, grouped, table } from '../markdown'

/** In place of the numbers of a kernel that has changed since it was compiled. */
const STALE = 'out of date'

/** A report of one family leaves out the others. */
const withoutNumbers = (found: null | undefined, stale: boolean): string =>
  found === null ? 'the compiler crashes' : stale ? STALE : 'not compiled'

/** The kernels with a network, in the shape that both plans are compiled for. */
const isMain = ({ stem, shapes }: Reported): boolean => /^(fused|dense)_/.test(stem) && shapes[0] === 'CartPole-v1'

const families = (report: Report | null): string[] =>
  Object.keys(FAMILIES).filter((name) => report && Object.hasOwn(report.compilers, name))

function numbers({ registers, spills, occupancy, instructions, codeBytes, perMultiply, seconds }: Compiled): string[] {
  const each = perMultiply === null ? '' : perMultiply.toFixed(2)
  const counts = [registers, spills, occupancy, instructions, codeBytes].map(grouped)
  return [...counts, each, seconds.toFixed(1)]
}

/** The kernels with a network, each with each compiler. */
export function compilerTable(pipelines: readonly Pipeline[] = reportPipelines(), report = readReport()): string {
  const rows = families(report).flatMap((name) =>
    reported(pipelines, report)
      .filter(isMain)
      .map(({ stem, memory, compiled, stale }) => {
        const found = compiled[name]
        const cells = found ? numbers(found) : [withoutNumbers(found, stale), ...Array(6).fill('')]
        return [FAMILIES[name].gpu, code(stem), grouped(memory), ...cells]
      }),
  )
  return table(
    [
      ...['GPU', 'kernel', 'workgroup memory', 'registers', 'spills', 'occupancy', 'instructions', 'bytes of code'],
      ...['per multiply-add', 'seconds'],
    ],
    rows,
  )
}

/** Registers and spills of every pipeline, and the longest compilation. */
export function compiledTable(pipelines: readonly Pipeline[] = reportPipelines(), report = readReport()): string {
  const names = families(report)
  const rows = reported(pipelines, report).map(({ stem, shapes, compiled, stale }) => {
    const cells = names.map((name) => {
      const found = compiled[name]
      if (!found) return withoutNumbers(found, stale)
      return found.spills === 0 ? `${found.registers}` : `${found.registers}, ${grouped(found.spills)} spilled`
    })
    const seconds = Object.values(compiled).flatMap((found) => found?.seconds ?? [])
    return [code(stem), shapes.join(', '), ...cells, seconds.length ? Math.max(...seconds).toFixed(1) : '']
  })
  return table(['kernel', 'shapes', ...names.map((name) => FAMILIES[name].gpu), 'longest, s'], rows)
}

/** The compilers, their versions, and what their occupancy counts. */
export function compilersTable(report = readReport()): string {
  const rows = families(report).map((name) => {
    const { gpu, compiler, mesa, dawn } = report!.compilers[name]
    return [code(name), gpu, compiler, mesa, dawn, FAMILIES[name].occupancyUnit]
  })
  return table(['name', 'GPU', 'compiler', 'Mesa', 'dawn.node', 'occupancy is'], rows)
}
