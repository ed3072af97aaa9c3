import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { runCli } from '../support/cli'
import { recorded, SMALL } from './sweep'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (name: string) => join(folder, name)
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

const RATE = ['--set', 'learningRate=[1e-3,1e-2]']

test('--json: one object; the folder; the same command prints it again, and needs no browser', async () => {
  const out = path('json')
  const args = ['sweep', ...SMALL, ...RATE, '--num-envs', '8', '--rungs', '1', '--finalists', '1', '--final-seeds', '2']
  const { code, stdout, stderr } = await runCli([...args, '--json', '--out', out])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  const result = JSON.parse(stdout)
  expect(Object.keys(result)).toEqual([
    ...['env', 'sweep', 'trials', 'method', 'seed', 'rungs', 'eta', 'asha', 'totalTimesteps', 'timesteps', 'seconds'],
    ...['adapters', 'marked', 'best', 'finalists', 'winner', 'out'],
  ])
  expect(result).toMatchObject({
    env: 'CartPole-v1',
    trials: 2,
    method: 'grid',
    rungs: 1,
    timesteps: 4096,
    marked: 0,
    out,
  })
  expect(result.best.map(({ trial }: { trial: number }) => trial).sort()).toEqual([0, 1])
  const [finalist] = result.finalists
  expect(finalist).toMatchObject({ trial: result.best[0].trial, seeds: [3, 4], iqmLow: null })
  expect(finalist.mean).toBeCloseTo((finalist.scores[0] + finalist.scores[1]) / 2, 9)
  expect(readdirSync(out).sort()).toEqual([
    ...['batches.jsonl', 'parallel.svg', 'policies', 'result.json', 'results.csv', 'results.jsonl', 'scatter.svg'],
    ...['secret', 'sweep.json'],
  ])
  expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toEqual(result)
  expect(readFileSync(join(out, 'results.csv'), 'utf8').trim().split('\n')).toHaveLength(5)

  const again = await runCli([...args, '--json', '--out', out], { PPO_WEBGPU_CHROME: path('no-browser') })
  expect(again).toMatchObject({ code: 0, stdout })
  expect(again.stderr).toMatch(/^It is over: all \d+ results are there\.$/m)
  const other = await runCli([...args, '--seed', '2', '--out', out])
  expect(other.code).toBe(2)
  expect(other.stderr).toContain('holds another sweep')

  // The command that it prints trains the best run again, to the same bits.
  const words = result.winner.train.split(' ').slice(4)
  const trained = await runCli(['train', ...words, '--adapter', 'software', '--json', '--out', path('train')])
  expect(trained.code).toBe(0)
  const seed = Number(words.at(-1))
  const { weightsHash } = recorded(out).find((row) => row.rung === 1 && row.seed === seed)!
  expect(JSON.parse(trained.stdout.trim().split('\n').at(-1)!).weightsHash).toBe(weightsHash)
  const evaluated = await runCli(['eval', result.winner.policy, '--episodes', '5'])
  expect(evaluated.stdout).toContain(`with seed ${seed}`)
})

describe('bad input', () => {
  const none = { PPO_WEBGPU_CHROME: path('no-browser') }
  mkdirSync(path('run'))
  writeFileSync(path('run/config.json'), '{}')
  test.each([
    [['--set', 'gamma=0.9'], '--set: nothing is searched'],
    [['--set', 'learningRate=loguniform(1,2'], 'learningRate'],
    [['--set', 'learningRat=loguniform(1e-4,1e-2)'], 'did you mean'],
    [['--env-set', 'gravty=lin(1,2,3)'], 'has no parameter "gravty"'],
    [[...RATE, '--trials', '3'], '--trials: 3, and the grid has 2 points'],
    [[...RATE, '--trials', '0'], '--trials: "0" is not a whole number'],
    [[...RATE, '--method', 'bayes'], '--method: "bayes" is not one of random, grid, sobol'],
    [['--set', 'entCoef=choice(0,1)', '--method', 'grid'], 'no option has a grid'],
    [[...RATE, '--seed', '-1'], '--seed: "-1" is not a whole number'],
    [[...RATE, '--seed', '4294967295', '--method', 'random'], '--seed: leaves no seeds'],
    [[...RATE, '--seed', '1', '--set', 'seed=2'], '--seed and --set seed: the same option twice'],
    [[...RATE, '--eta', '1'], '--eta: "1" is not a whole number from 2'],
    [[...RATE, '--rungs', '0'], '--rungs: "0" is not a whole number from 1'],
    [[...RATE, '--rungs', '9', '--total-timesteps', '10000'], '--rungs: 9 with --eta 3 need'],
    [[...RATE, '--total-timesteps', '10'], 'totalTimesteps: 10 is less than one batch'],
    [[...RATE, '--finalists', '3'], '--finalists: "3" is not a whole number from 0 to 2'],
    [[...RATE, '--final-seeds', '0'], '--final-seeds: "0" is not a whole number from 1'],
    [[...RATE, '--batch', '0'], '--batch: "0" is not a whole number from 1'],
    [[...RATE, '--page', '70000'], '--page: "70000" is not a whole number'],
    [[...RATE, '--out', ''], '--out: its value is empty'],
    [[...RATE, '--out', path('run')], 'holds a training run'],
    [[...RATE, '--num-agents', '4'], 'a trial is one agent'],
    [[...RATE, '--num-envs', '8', '--set', 'numEnvs=8'], 'numEnvs'],
    [[...RATE, '--set', 'stopWhenSolved=true'], 'stopWhenSolved'],
    [['--set', 'numMinibatches=choice(3,4)'], 'trial'],
    [[...RATE, '--env', 'CartPol-v1'], 'CartPole-v1'],
    [[...RATE, '--preset', 'none'], 'preset'],
    [[...RATE, '--runtime', 'deno'], '--runtime'],
  ])('%j', async (args, message) => {
    const out = path('never')
    const { code, stderr } = await runCli(['sweep', ...(args.includes('--out') ? [] : ['--out', out]), ...args], none)
    expect({ code, told: stderr.includes(message), stderr }).toEqual({ code: 2, told: true, stderr })
    expect(stderr).toMatch(/^error: .*\n$/)
    expect(existsSync(join(out, 'results.jsonl'))).toBe(false)
  })
})
