/**
 * AMD's compiler, from Debian's backports, on today's kernels. Where Debian's packages or a C compiler cannot be had, there is
 * nothing to test; what cannot be had is said.
 */
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { reportPipelines } from '../../harness/compilereport/cases'
import type { Pipeline } from '../../harness/compilereport/collect'
import { compileAll } from '../../harness/compilereport/compile'
import { installSet, mesaVersion } from '../../harness/compilereport/packages'
import { type Compiled, readReport } from '../../harness/compilereport/report'

/** Rollouts whose physics keeps more in a thread than registers hold: docs/kernel-forms.md. Networks must not spill. */
const LARGE_PHYSICS = /^(LunarLander|Hopper|Walker2d|HalfCheetah|InvertedDoublePendulum-v4)/
const ALLOWED = (p: Pipeline): boolean => p.stem === 'fused_rollout' && LARGE_PHYSICS.test(p.shapes[0])

/** Why the compiler cannot be had here; null if it can. */
function whyNot(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `no packages for ${process.platform} ${process.arch}`
  if (!existsSync('/usr/bin/cc')) return 'no C compiler'
  try {
    if (!mesaVersion('stable')) installSet('stable')
    return null
  } catch (error) {
    return (error as Error).message
  }
}

describe.each(['navi21', 'navi31'])('%s', (family) => {
  const pipelines = reportPipelines()
  let compiled: Compiled[] | null = null // AMD's compiler does not crash
  let why: string | null = null

  beforeAll(async () => {
    why = whyNot()
    if (why) console.warn(`compile-report: not tested: ${why}`)
    else compiled = (await compileAll(family, pipelines)) as Compiled[]
  })

  it('compiles every kernel without spilling registers', ({ skip }) => {
    if (!compiled) return skip(why!)
    const spilled = pipelines.filter((p, i) => compiled![i].spills > 0 && !ALLOWED(p))
    expect(spilled.map(({ stem, shapes }) => `${stem}, ${shapes[0]}`)).toEqual([])
    const products = pipelines
      .map((p, i) => [p, compiled![i].perMultiply] as const)
      .filter(([p]) => /^(fused|dense)_/.test(p.stem))
    for (const [{ stem }, each] of products) expect(each, stem).toBeGreaterThan(1)
  })

  it('gives the numbers of the report, for kernels that are as they were', ({ skip }) => {
    if (!compiled) return skip(why!)
    const report = readReport()!
    if (report.compilers[family].mesa !== mesaVersion('stable')) return skip('the report is of another version of Mesa')
    const withoutTime = ({ seconds: _, ...rest }: Compiled): object => rest
    const pairs = pipelines.flatMap(({ stem, hash }, i) => {
      const known = report.rows.find((row) => row.stem === stem && row.hash === hash)?.compiled[family]
      return known ? [[withoutTime(compiled![i]), withoutTime(known)]] : []
    })
    expect(pairs.map(([now]) => now)).toEqual(pairs.map(([, known]) => known))
  })
})
