/** Populations, through the command: every agent has its own values, bit-identical to a separate run. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { buildCli } from '../../harness/build.js'
import { resolveConfig } from '../../src/config/config'
import { runCli } from '../support/cli'
import { gpu } from '../support/gpu'
import { trainInPage } from '../support/train'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-population-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

const SMALL = { numEnvs: 4, numSteps: 64, numMinibatches: 4, updateEpochs: 1, hidden: [8], totalTimesteps: 4096 }

test('64 agents: a summary over them, and their own values', async () => {
  const out = join(folder, 'sweep')
  const options = Object.entries(SMALL).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const sweep = ['--num-agents', '64', '--set', 'learningRate=log(1e-4,1e-2)', '--set', 'seed=range(100,164)']
  const { code, stdout } = await runCli(['train', ...options, ...sweep, '--out', out])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^(\d+ of )?64 agents: best [\d.]+ \(agent \d+, seed 1\d\d, learningRate 0\.\d+\), median [\d.]+, interquartile mean [\d.]+ \(95 % interval [\d.]+ to [\d.]+\)\.$/m,
  )
  const { agents, population } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
  expect(agents).toHaveLength(64)
  const returns = agents.map((a: { episodicReturn: number }) => a.episodicReturn)
  const { best, counted } = population
  // Those that learn fast have too few episodes in so short a run.
  expect(counted).toBe(returns.filter((r: number | null) => r !== null).length)
  expect(counted).toBeGreaterThan(32)
  expect(best.episodicReturn).toBe(Math.max(...returns))
  expect(returns[best.agent]).toBe(best.episodicReturn)
  expect(best.swept).toEqual(agents[best.agent].swept)
  expect(best.swept.seed).toBe(100 + best.agent)
  expect(best.swept.learningRate).toBeCloseTo(1e-4 * 100 ** (best.agent / 63), 10)
  expect(population.iqmLow <= population.iqm && population.iqm <= population.iqmHigh).toBe(true)
})

describe.each(['layered', 'fused'] as const)('the %s plan', (plan) => {
  const options = { ...SMALL, plan, totalTimesteps: 512, seed: 5 }
  const trainBits = async (more: object): Promise<Uint32Array> => {
    const config = resolveConfig(cartPole.preset, { ...options, ...more })
    const { params } = await trainInPage({ env: cartPole.id, config })
    return new Uint32Array(params.buffer, 0, params.length)
  }

  test.each([3, 64])('agent k of %i has the bits of a run of its own with seed + k', async (numAgents) => {
    const all = await trainBits({ numAgents })
    const stride = all.length / numAgents
    for (const k of [1, numAgents - 1]) {
      expect(all.subarray(k * stride, (k + 1) * stride)).toEqual(await trainBits({ seed: 5 + k }))
    }
  })
})

test('more agents than memory: says how many fit', async () => {
  const config = resolveConfig(cartPole.preset, { numAgents: 32767, numEnvs: 4, numSteps: 128, numMinibatches: 4 })
  const error = await (await gpu()).call('train', { env: cartPole.id, config }).catch((e) => e)
  expect(error).toMatchObject({ name: 'ConfigError', exitCode: 2 })
  expect(error.message).toMatch(/^config\.numAgents: .*MiB in all buffers.*Use numAgents at most \d+/)
})
