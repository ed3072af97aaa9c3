/** Whether the machine has other work: then a recorded speed says little. */
import { cpus, loadavg } from 'node:os'

/** The load average of the last minute, in processes that run or wait to. */
export interface Load {
  before: number
  after: number
}

/** A share of the cores that is always busy: more is other work. */
const BUSY_SHARE = 0.3

/** Null on Windows, which has none. */
export const loadNow = (): number | null => (process.platform === 'win32' ? null : Number(loadavg()[0].toFixed(2)))

/** Why nothing should be recorded now; null if the machine is quiet. */
export function whyBusy(load: number | null, cores = cpus().length): string | null {
  if (load === null || load <= BUSY_SHARE * cores) return null
  return `the machine has other work: its load average of the last minute is ${load}, on ${cores} cores`
}
