/** CPU seconds of a process and all processes below it, as Linux counts them in /proc. */
import { readdirSync, readFileSync } from 'node:fs'
import { HarnessError } from '../cli/errors'

/** Linux gives times in /proc in hundredths of a second, on every machine (USER_HZ). */
const TICKS = 100
const SAMPLE_MS = 50

interface Process {
  pid: number
  parent: number
  seconds: number
}

/** One line of /proc/PID/stat. The name in parentheses may itself have spaces and parentheses. */
export function parseStat(line: string): Process {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  // After the name come: state, ppid, ..., utime and stime as the 12th and 13th.
  return { pid: Number.parseInt(line, 10), parent: Number(fields[1]), seconds: (+fields[11] + +fields[12]) / TICKS }
}

function allProcesses(): Process[] {
  const found: Process[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      found.push(parseStat(readFileSync(`/proc/${name}/stat`, 'utf8')))
    } catch {} // it has ended meanwhile
  }
  return found
}

/** Those of `processes` that are `root` or below it. */
export function treeOf(processes: Process[], root: number): Process[] {
  const inside = new Set([root])
  for (let before = 0; before < inside.size; ) {
    before = inside.size
    for (const { pid, parent } of processes) if (inside.has(parent)) inside.add(pid)
  }
  return processes.filter(({ pid }) => inside.has(pid))
}

export interface CpuWatch {
  /** CPU seconds spent so far at `time` of performance.now, between samples by interpolation. */
  at(time: number): number
  stop(): void
}

/** Watches a process and its descendants until `stop`. A process that ended keeps what it had at its last sample. */
export function watchCpu(pid: number): CpuWatch {
  if (process.platform !== 'linux')
    throw new HarnessError(`bench: CPU seconds are read from Linux's /proc, and this is ${process.platform}.`)
  const last = new Map<number, number>()
  const samples: { time: number; seconds: number }[] = []
  const sample = () => {
    for (const { pid: own, seconds } of treeOf(allProcesses(), pid)) last.set(own, seconds)
    samples.push({ time: performance.now(), seconds: [...last.values()].reduce((a, b) => a + b, 0) })
  }
  sample()
  const timer = setInterval(sample, SAMPLE_MS)
  return {
    at: (time) => interpolate(samples, time),
    stop() {
      clearInterval(timer)
      sample()
    },
  }
}

/** The value of `samples`, which are in order of time, at `time`; the nearest one outside of them. */
export function interpolate(samples: readonly { time: number; seconds: number }[], time: number): number {
  const after = samples.findIndex((sample) => sample.time >= time)
  if (after < 0) return samples[samples.length - 1].seconds
  if (after === 0) return samples[0].seconds
  const [a, b] = [samples[after - 1], samples[after]]
  return a.seconds + ((b.seconds - a.seconds) * (time - a.time)) / (b.time - a.time)
}
