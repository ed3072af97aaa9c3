/** One measurement of one side of a pair: a case, or a whole command, by one checkout. Wall and CPU milliseconds. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timeReference } from '../bench/reference'
import type { BenchPoint } from '../cases/cases'
import { HarnessError } from '../cli/errors'
import { openRuntime } from '../runtime/open'
import type { Runtime, RuntimeChoice } from '../runtime/runtime'
import { spread } from '../timing/statistics'
import { watchCpu } from './cputime'

export interface Cost {
  wallMs: number
  cpuMs: number
}

/** Three repeats of about a second together: enough samples of CPU time. */
const TIMING = { repeats: 3, repeatSeconds: 0.4 }

/** A unit of the case in a runtime that is already open. What is compiled before its first unit does not count. */
export async function costOfUnit(runtime: Runtime, { spec, config, unit }: BenchPoint): Promise<Cost> {
  const watch = watchCpu(runtime.pid)
  const start = performance.now()
  const result = await runtime.call('bench', { env: spec.id, config, unit, ...TIMING })
  const end = performance.now()
  watch.stop()
  const from = start + 1000 * result.firstUpdateSeconds
  const busy = (1000 * (watch.at(end) - watch.at(from))) / (end - from)
  const wallMs = (1000 * spread(result.seconds).median) / result.units
  return { wallMs, cpuMs: busy * wallMs }
}

/** From loading the page, in a new browser, to the first metrics. */
export async function costOfFirstUpdate(choice: RuntimeChoice, { spec, config, unit }: BenchPoint): Promise<Cost> {
  const runtime = await openRuntime(choice)
  try {
    const watch = watchCpu(runtime.pid)
    const start = performance.now()
    const result = await runtime.call('bench', { env: spec.id, config, unit, repeats: 0, repeatSeconds: 0 })
    const end = performance.now()
    watch.stop()
    return { wallMs: 1000 * result.loadToFirstUpdateSeconds, cpuMs: 1000 * (watch.at(end) - watch.at(start)) }
  } finally {
    await runtime.close()
  }
}

/** A unit of the CPU reference in this process. */
export async function costOfReference(point: BenchPoint): Promise<Cost> {
  const before = process.cpuUsage()
  const start = performance.now()
  const result = await timeReference(point, point.firstUpdate ? { repeats: 0, repeatSeconds: 0 } : TIMING)
  const { user, system } = process.cpuUsage(before)
  const busy = (user + system) / 1000 / (performance.now() - start)
  const wallMs = point.firstUpdate
    ? 1000 * result.firstUpdateSeconds
    : (1000 * spread(result.seconds).median) / result.units
  return { wallMs, cpuMs: busy * wallMs }
}

/** `train` until CartPole-v1 is solved, with the checkout's own preset, from the start of the command to its end. */
export async function costOfCommand(root: string, flags: string[]): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-pair-'))
  const args = ['train', '--seed', '1', '--checkpoint-every', 'none', '--out', join(folder, 'run'), ...flags]
  try {
    const start = performance.now()
    const child = spawn(process.execPath, [join(root, 'harness', 'run.js'), ...args], { stdio: 'ignore' })
    const watch = watchCpu(child.pid!)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    const end = performance.now()
    watch.stop()
    if (code !== 0) throw new HarnessError(`bench: \`node harness/run.js ${args.join(' ')}\` in ${root} gave ${code}.`)
    return { wallMs: end - start, cpuMs: 1000 * watch.at(end) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
