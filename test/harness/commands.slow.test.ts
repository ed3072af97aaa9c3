import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { launchChrome } from '../../harness/chrome/launch'
import { eventually, processesWith, runCli, startCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

const SMALL = ['--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'plan=layered']

describe('train', () => {
  test.skipIf(process.platform !== 'linux')(
    'SIGKILL leaves no Chrome behind, and the next run removes its profile',
    async () => {
      const running = startCli(['train', ...SMALL, '--set', 'stopWhenSolved=false', '--out', join(folder, 'killed')])
      const profile = join(tmpdir(), `ppo-webgpu-chrome-${running.pid}-`)
      await running.shows(/steps\/s/)
      const chromes = processesWith(profile)
      expect(chromes.length).toBeGreaterThan(2)
      running.kill('SIGKILL')
      await running.done
      expect(await eventually(() => processesWith(profile).length === 0, 10)).toBe(true)
      const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`ppo-webgpu-chrome-${running.pid}-`))
      expect(left()).toHaveLength(1)
      const next = await launchChrome()
      await next.close()
      expect(left()).toEqual([])
    },
  )
})

test('bench prints a row per case and side', async () => {
  const { code, stdout } = await runCli(['bench', '--case', 'cartpole-default', '--repeats', '1', '--json'])
  expect(code).toBe(0)
  const { rows } = JSON.parse(stdout)
  expect(rows.map((row: { plan: string }) => row.plan)).toEqual(['layered', 'fused', 'reference'])
  expect(rows[0]).toMatchObject({
    ...{ case: 'cartpole-default', env: 'CartPole-v1', numAgents: 1, numEnvs: 32, numSteps: 64 },
    ...{ adapter: expect.any(String), browser: expect.any(String), date: expect.any(String) },
  })
  for (const row of rows) expect(row.spsMin <= row.sps && row.sps <= row.spsMax && row.sps > 0).toBe(true)
})
