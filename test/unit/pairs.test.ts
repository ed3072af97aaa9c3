/** `bench --against`: CPU seconds of a tree of processes, and the ratios of its rounds. */
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { interpolate, parseStat, treeOf, watchCpu } from '../../harness/pairs/cputime'
import { pairRow } from '../../harness/pairs/pairs'
import { pairsTable } from '../../harness/pairs/table'

test('a line of /proc/PID/stat, with a name that has spaces and parentheses', () => {
  const line = '42 (a) (b c) S 7 42 42 0 -1 4194304 100 0 0 0 250 50 3 4 20 0 1 0 100 1000 10'
  expect(parseStat(line)).toEqual({ pid: 42, parent: 7, seconds: 3 })
})

test('a tree has the children of children, in any order, and no other process', () => {
  const all = [
    { pid: 5, parent: 4, seconds: 1 },
    { pid: 4, parent: 2, seconds: 1 },
    { pid: 3, parent: 1, seconds: 1 },
    { pid: 2, parent: 1, seconds: 1 },
  ]
  expect(treeOf(all, 2).map(({ pid }) => pid)).toEqual([5, 4, 2])
})

test('between samples CPU time is interpolated, outside it is that of the nearest', () => {
  const samples = [
    { time: 100, seconds: 1 },
    { time: 200, seconds: 3 },
  ]
  expect([50, 100, 125, 200, 300].map((time) => interpolate(samples, time))).toEqual([1, 1, 1.5, 3, 3])
})

test.runIf(process.platform === 'linux')('a busy child of a child counts, also after it has ended', async () => {
  const busy = 'const end = process.cpuUsage().user + 400_000; while (process.cpuUsage().user < end);'
  const outer = `require('child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(busy)}]); setTimeout(() => {}, 200)`
  const child = spawn(process.execPath, ['-e', outer])
  const watch = watchCpu(child.pid!)
  await new Promise((resolve) => child.once('exit', resolve))
  watch.stop()
  expect(watch.at(performance.now())).toBeGreaterThan(0.3)
  expect(watch.at(performance.now())).toBeLessThan(5)
})

test('ratios are taken round by round: a slow round does not change them', () => {
  const cost = (wallMs: number) => ({ wallMs, cpuMs: 2 * wallMs })
  const costs = {
    this: [cost(10), cost(50), cost(10)],
    other: [cost(30), cost(150), cost(40)],
    reference: [cost(20), cost(100), cost(20)],
  }
  const row = pairRow('minibatch-step', 'other', costs)
  expect(row).toMatchObject({
    wallMs: 40,
    cpuMs: 80,
    wall: { median: 3, min: 3, max: 4 },
    cpu: { median: 3 },
    rounds: 3,
  })
  expect(pairRow('minibatch-step', 'reference', costs).wall).toEqual({ median: 2, min: 2, max: 2 })
  expect(pairsTable([row])).toContain('3.00')
})
