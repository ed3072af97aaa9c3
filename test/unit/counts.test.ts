/** What `.ci/run` ends with. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-counts-'))
afterAll(() => rmSync(folder, { recursive: true }))

let reports = 0
/** A report as Vitest writes it. @param unloaded Files that could not be loaded. */
function report(numPassedTests: number, numFailedTests: number, unloaded = 0): string {
  const path = join(folder, `${reports++}.json`)
  const loaded = { status: numFailedTests ? 'failed' : 'passed', assertionResults: [{}] }
  const testResults = [loaded, ...Array(unloaded).fill({ status: 'failed', assertionResults: [] })]
  writeFileSync(path, JSON.stringify({ numPassedTests, numFailedTests, testResults }))
  return path
}
const broken = join(folder, 'broken.json')
writeFileSync(broken, '{"numPassedTests": 5')

test.each([
  ['two that passed', [report(7, 0), report(3, 0)], '10 passed, 0 failed', 0],
  ['one that failed', [report(7, 0), report(3, 2)], '10 passed, 2 failed', 1],
  ['a file that could not be loaded', [report(7, 0, 1), report(3, 0)], '10 passed, 1 failed', 1],
  ['a report that is missing', [report(7, 0), join(folder, 'none.json')], '7 passed, 1 failed', 1],
  ['a report that is broken', [broken, report(3, 0)], '3 passed, 1 failed', 1],
  ['no test at all', [report(0, 0)], '0 passed, 0 failed', 1],
])('%s', (_, paths, last, status) => {
  const run = spawnSync(process.execPath, ['test/support/counts.js', ...paths], { encoding: 'utf8' })
  expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(last)
  expect(run.status).toBe(status)
})

test('what failed is named before the last line, with its message', () => {
  const path = join(folder, 'named.json')
  const assertionResults = [
    { status: 'passed', fullName: 'fine' },
    { status: 'failed', fullName: 'sums > of 3', failureMessages: ['expected 5 to be 6'] },
  ]
  const testResults = [
    { name: 'a.test.ts', status: 'failed', assertionResults },
    { name: 'b.test.ts', status: 'failed', message: 'no such file', assertionResults: [] },
  ]
  writeFileSync(path, JSON.stringify({ numPassedTests: 1, numFailedTests: 1, testResults }))
  const run = spawnSync(process.execPath, ['test/support/counts.js', path], { encoding: 'utf8' })
  expect(run.stdout).toBe(
    'failed: a.test.ts: sums > of 3\nexpected 5 to be 6\nfailed: b.test.ts: no such file\n1 passed, 2 failed\n',
  )
})
