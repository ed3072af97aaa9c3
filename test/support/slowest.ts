/** Printed at the end of each run of Vitest: the files that took longest. */
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

const SHOWN = 10

/** Seconds of a file: importing it, its hooks and its tests. */
const secondsOf = (module: TestModule): number => {
  const { collectDuration, duration } = module.diagnostic()
  return (collectDuration + duration) / 1000
}

export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => ({
      name: relative(process.cwd(), module.moduleId),
      seconds: secondsOf(module),
    }))
    const all = files.reduce((sum, { seconds }) => sum + seconds, 0)
    const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, SHOWN)
    const lines = slowest.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`)
    console.log(`\nSlowest of ${files.length} test files, ${all.toFixed(1)} s in all:\n${lines.join('\n')}`)
  }
}
