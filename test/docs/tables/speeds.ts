/** The README's rows of the newest recorded bench. */
import { readdirSync, readFileSync } from 'node:fs'
import type { BenchRow } from '../../../harness/cases/rows'
import { grouped, table } from '../markdown'

const folder = new URL('../../../harness/results/', import.meta.url)
/** `cartpole-wide` is measured at a sixteenth of its size on a software adapter. */
const CASES = ['cartpole-cleanrl', 'cartpole-default', 'cartpole-wide/16', 'cartpole-wide']
const PLANS = ['fused', 'layered', 'reference']

/** The newest rows of each adapter. */
function newest(): Map<string, BenchRow[]> {
  const kept = readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.json$/.test(name))
    .map((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { rows: BenchRow[] }).rows)
    .sort((a, b) => (a[0].date < b[0].date ? -1 : 1))
  return new Map(kept.map((rows) => [rows.find(({ browser }) => browser)!.adapter, rows]))
}

export function speedTable(): string {
  const tables = [...newest()].map(([adapter, all]) => {
    const { browser, cpu, cores, commit, date } = all.find((row) => row.browser)!
    const rows = CASES.flatMap((name) => {
      const of = (plan: string) => all.find((row) => row.case === name && row.plan === plan)
      const [first] = PLANS.flatMap((plan) => of(plan) ?? [])
      if (!first) return []
      const speeds = PLANS.map((plan) => (of(plan) ? grouped(Math.round(of(plan)!.sps!)) : '-'))
      return [[`\`${name}\``, `${first.numEnvs} x ${first.numSteps}`, ...speeds]]
    })
    const where = `${adapter} in ${browser}, ${cores} cores (${cpu}), commit ${commit?.slice(0, 7)}, ${date.slice(0, 10)}`
    const head = ['case', 'environments x steps', 'fused plan', 'layered plan', 'CPU reference, 1 thread']
    return `Steps of CartPole-v1 per second, training included: ${where}.\n\n${table(head, rows)}`
  })
  return tables.join('\n\n')
}
