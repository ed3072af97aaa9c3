/**
 * `eval` of populations, through the command: which agent, how its actions are chosen, and the messages of `train`
 * about both.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { readSafetensors, writeSafetensors } from '../../src/files/safetensors'
import { runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
const run = path('a run')
const SMALL = ['--reference', '--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'hidden=8']

const evaluated = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli(['eval', ...args, '--json'])
  expect(code, stderr).toBe(0)
  return { ...JSON.parse(stdout), stderr }
}

let told = ''
beforeAll(async () => {
  await buildCli()
  const sweep = ['--num-agents', '4', '--set', 'learningRate=[1e-4,1e-2,1e-3,1e-5]', '--total-timesteps', '30_000']
  const { code, stdout } = await runCli(['train', ...SMALL, ...sweep, '--out', run])
  expect(code).toBe(0)
  told = stdout
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('train', () => {
  test('shows the values of each agent with what came of them, best first', () => {
    const lines = told.split('\n')
    const head = lines.findIndex((line) => /^agent {2}learningRate {2}return {2}solved at$/.test(line))
    expect(head, told).toBeGreaterThan(0)
    const rows = lines.slice(head + 1, head + 5).map((line) => line.trim().split(/ {2,}/))
    const values = ['0.0001', '0.01', '0.001', '0.00001'].map((value) => String(Number(value)))
    const { agents } = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))
    for (const [agent, learningRate, score] of rows) {
      expect(learningRate).toBe(values[Number(agent)])
      expect(Number(score)).toBeCloseTo(agents[Number(agent)].episodicReturn, 1)
    }
    const scores = rows.map(([, , score]) => Number(score))
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(new Set(rows.map(([agent]) => agent)).size).toBe(4)
  })

  test('names the way to the best of them', () => {
    expect(told.trimEnd().split('\n').at(-1)).toBe(
      `The run is in ${run}. Evaluate its best agent with: npm run eval -- '${run}' --agent best`,
    )
  })
})

describe('eval', () => {
  test('without --agent: the first, and that there are others', async () => {
    const { stderr, ...result } = await evaluated(run)
    expect(result).toMatchObject({ agent: 0, numAgents: 4, deterministic: true, seed: 1_000_000, episodes: 100 })
    expect(stderr).toBe('Agent 0 of 4. For another one give --agent K, for the best of them --agent best.\n')
    const { agents } = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))
    const { steps, score, seed, config } = (await evaluated(run, '--agent', '2', '--episodes', '1')).origin
    expect({ steps, score, seed }).toEqual({ steps: 29_952, score: agents[2].episodicReturn, seed: 3 })
    expect(config).toMatchObject({ learningRate: 1e-3, seed: 3, numAgents: 1, hidden: [8] })
  })

  test('--agent best: the one whose mean of 100 episodes is highest, whatever is evaluated then', async () => {
    const means: number[] = []
    for (let k = 0; k < 4; k++) {
      const { meanReturn, stderr, agent } = await evaluated(run, '--agent', `${k}`)
      expect({ stderr, agent }).toEqual({ stderr: '', agent: k })
      means.push(meanReturn)
    }
    const best = means.indexOf(Math.max(...means))
    const { stderr, ...result } = await evaluated(run, '--agent', 'best')
    expect(result).toMatchObject({ agent: best, numAgents: 4, meanReturn: means[best] })
    expect(stderr).toMatch(new RegExp(`^Agent ${best} is the best of 4: [\\d.]+ over 100 episodes\\.\n$`))
    expect(await evaluated(run, '--agent', 'best', '--seed', '5', '--episodes', '3')).toMatchObject({
      agent: best,
      seed: 5,
    })
    expect(await evaluated(join(run, `policy-${best}.safetensors`))).toMatchObject({
      numAgents: 1,
      meanReturn: means[best],
    })
    const { stdout } = await runCli(['export', run, '--agent', 'best', '--json'])
    expect(JSON.parse(stdout).out).toBe(join(run, `policy${best ? `-${best}` : ''}.onnx`))

    // The same agents in a checkpoint.
    const files = [0, 1, 2, 3].map((k) => readSafetensors(readFileSync(join(run, `policy-${k}.safetensors`))))
    const tensors = [...files[0].tensors].map(([name, { shape }]) => {
      const all = files.flatMap(({ tensors }) => [...(tensors.get(name)!.data as Float32Array)])
      return { name, shape: [4, ...shape], data: Float32Array.from(all) }
    })
    const metadata = { ...files[0].metadata, format: 'ppo-webgpu-checkpoint' }
    writeFileSync(path('all.safetensors'), writeSafetensors(tensors, metadata))
    expect(await evaluated(path('all.safetensors'), '--agent', 'best')).toMatchObject({
      ...{ agent: best, numAgents: 4, meanReturn: means[best] },
    })
    expect(await evaluated(path('all.safetensors'))).toMatchObject({ agent: 0, numAgents: 4, meanReturn: means[0] })
  })

  test.each([
    ['4', /--agent 4: .*holds no policy-4\.safetensors; its agents are 0 to 3/],
    ['worst', /--agent: "worst" is not a whole number from 0, and not best/],
    ['1.5', /--agent: "1\.5" is not a whole number/],
    ['', /--agent: "" is not a whole number/],
  ])('--agent %j is refused', async (agent, message) => {
    const { code, stdout, stderr } = await runCli(['eval', run, `--agent=${agent}`])
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('--best: the file of the best policy; errors where there is none', async () => {
    const refused = async (...args: string[]) => {
      const { code, stderr } = await runCli(['eval', ...args, '--best'])
      expect(code).toBe(2)
      return stderr
    }
    expect(await refused(run)).toMatch(/--best: .* holds no policy-best\.safetensors\. .*evalEvery=10/)
    expect(await refused(join(run, 'policy.safetensors'))).toMatch(/--best: .* is one file\. Name the folder/)
    const best = path('best')
    mkdirSync(best)
    for (const [from, to] of [
      ['policy', 'policy'],
      ['policy-1', 'policy-best'],
      ['policy-2', 'policy-best-1'],
    ]) {
      cpSync(join(run, `${from}.safetensors`), join(best, `${to}.safetensors`))
    }
    const seeds = async (...args: string[]) => (await evaluated(best, '--episodes', '1', ...args)).origin.seed
    expect([await seeds(), await seeds('--best'), await seeds('--best', '--agent', '1')]).toEqual([1, 2, 3])
    expect(await refused(best, '--agent', '2')).toMatch(/holds no policy-best-2\.safetensors; its agents are 0 to 1/)
    const { stdout } = await runCli(['export', best, '--best', '--json'])
    expect(JSON.parse(stdout).out).toBe(join(best, 'policy-best.onnx'))
  })

  test('--stochastic draws the actions, the same for the same seed', async () => {
    const [a, b, c, mode] = [
      await evaluated(run, '--agent', '1', '--stochastic'),
      await evaluated(run, '--agent', '1', '--stochastic'),
      await evaluated(run, '--agent', '1', '--stochastic', '--seed', '2'),
      await evaluated(run, '--agent', '1'),
    ]
    expect([a.deterministic, mode.deterministic]).toEqual([false, true])
    expect(b).toEqual(a)
    expect(c.meanReturn).not.toBe(a.meanReturn)
    expect(mode.meanReturn).not.toBe(a.meanReturn)
    const { stdout } = await runCli(['eval', run, '--agent', '1', '--stochastic'])
    expect(stdout).toMatch(/^CartPole-v1, agent 1, 100 episodes with drawn actions: return /)
  })

  test('of learn: a seed is an agent; a box; both kinds of actions', async () => {
    const options = ['--env', 'Pendulum-v1', '--seeds', '2', '--total-timesteps', '512', '--json']
    const { stdout } = await runCli(['learn', ...SMALL, ...options, '--out', path('learned')])
    const { evalReturns } = JSON.parse(stdout)
    const saved = JSON.parse(readFileSync(path('learned', 'learn.json'), 'utf8'))
    const seed = String(saved.agents[1].evaluation.evalSeed)
    const mode = await evaluated(path('learned'), '--agent', '1', '--seed', seed)
    expect(mode).toMatchObject({ agent: 1, numAgents: 2, meanReturn: evalReturns[1] })
    const drawn = await evaluated(path('learned'), '--agent', '1', '--seed', seed, '--stochastic')
    expect(drawn.deterministic).toBe(false)
    expect(drawn.meanReturn).not.toBe(mode.meanReturn)
  })
})
