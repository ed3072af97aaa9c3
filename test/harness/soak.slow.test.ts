import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { processesWith, runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

// The faults are injected at new random times in every run of the tests; a failure prints the seed that repeats them.
test('runs that are struck at random moments end with the bits of one that was not', { timeout: 600_000 }, async () => {
  const kinds = ['gpu', 'page', 'node'].flatMap((kind) => ['--fault', kind])
  const { code, stdout, stderr } = await runCli(['soak', '--count', '3', ...kinds, '--json'])
  expect({ code, stderr }, stderr).toMatchObject({ code: 0 })
  const { faults, trials } = JSON.parse(stdout)
  expect(faults).toHaveLength(3)
  for (const { tried, recovered } of faults) expect([tried, recovered]).toEqual([1, 1])
  for (const { rows, seconds } of trials) expect(rows >= 0 && seconds > 0).toBe(true)
  expect(processesWith('ppo-webgpu-soak-')).toEqual([])
})
