/** Runs that are evaluated while they train, by the commands: best policies, rows on stdout, own metrics, lists of runs. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
const SMALL = ['--reference', '--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'hidden=8']
const EVALUATED = ['--set', 'evalEvery=2', '--set', 'evalEpisodes=5', '--total-timesteps', '1280']
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const done = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli(args)
  expect(code, stderr).toBe(0)
  return { stdout, stderr }
}

let logged: Record<string, unknown>[] = []
beforeAll(async () => {
  await buildCli()
  writeFileSync(
    path('metrics.mjs'),
    'export const metrics = { perStep: (row, agent) => row.timesteps / (1 + agent), none: () => null }',
  )
  const own = ['--metrics', path('metrics.mjs'), '--log', 'jsonl']
  logged = lines(
    (await done('train', ...SMALL, ...EVALUATED, '--num-agents', '2', ...own, '--out', path('runs', 'two'))).stdout,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('train', () => {
  test('--log jsonl: the rows of metrics.jsonl, then the result', () => {
    const kept = lines(readFileSync(path('runs', 'two', 'metrics.jsonl'), 'utf8'))
    expect(logged.slice(0, -1)).toEqual(kept)
    expect(kept).toHaveLength(10)
    const { best } = JSON.parse(readFileSync(path('runs', 'two', 'result.json'), 'utf8'))
    expect(logged.at(-1)).toMatchObject({ env: 'CartPole-v1', numAgents: 2, best })
  })

  test('--metrics: in the rows, and in a column of metrics.csv', () => {
    expect(logged[1]).toMatchObject({ agent: 1, iteration: 1, own: { perStep: 128, none: null } })
    const [header, , second] = readFileSync(path('runs', 'two', 'metrics.csv'), 'utf8').split('\n')
    const at = header.split(',').indexOf('own.perStep')
    expect(second.split(',')[at]).toBe('128')
  })

  test('rows have the evaluation; the best policy plays as it did, and once more in other episodes', async () => {
    const rows = logged.slice(0, -1)
    expect(rows.map(({ evalEpisodes }) => evalEpisodes)).toEqual(
      [1, 2, 3, 4, 5].flatMap((i) => Array(2).fill(i % 2 ? null : 5)),
    )
    const { best } = logged.at(-1) as {
      best: { timesteps: number; evalReturn: number; freshReturn: number; freshSeed: number }[]
    }
    for (const agent of [0, 1]) {
      const own = rows.filter((row) => row.agent === agent && row.evalReturnMean !== null)
      const most = Math.max(...own.map(({ evalReturnMean }) => evalReturnMean as number))
      expect(best[agent].evalReturn).toBe(most)
      expect(best[agent].timesteps).toBe(own.find(({ evalReturnMean }) => evalReturnMean === most)!.timesteps)
      const play = async (seed: number) => {
        const args = ['--best', '--agent', `${agent}`, '--episodes', '5', '--seed', `${seed}`, '--json']
        return JSON.parse((await done('eval', path('runs', 'two'), ...args)).stdout).meanReturn
      }
      expect(await play(2_000_001 + agent)).toBeCloseTo(most, 6)
      expect(await play(best[agent].freshSeed)).toBeCloseTo(best[agent].freshReturn, 6)
      expect(best[agent].freshSeed).toBe(1_000_001 + agent)
    }
  })

  test('a metric that fails ends the run, which keeps its rows and its policy', async () => {
    writeFileSync(
      path('bad.mjs'),
      "export const metrics = { bad: (row) => { if (row.iteration === 2) throw new Error('no such file'); return 1 } }",
    )
    const { code, stderr } = await runCli([
      'train',
      ...SMALL,
      '--total-timesteps',
      '12800',
      '--metrics',
      path('bad.mjs'),
      '--out',
      path('bad'),
    ])
    expect(code).toBe(75)
    expect(stderr).toContain('error: --metrics: metrics.bad: in iteration 2: no such file')
    const rows = lines(readFileSync(path('bad', 'metrics.jsonl'), 'utf8'))
    expect(rows.slice(0, 2).map(({ own }) => own)).toEqual([{ bad: 1 }, undefined])
    expect(existsSync(path('bad', 'policy.safetensors'))).toBe(true)
  })

  test.each([
    [['--log', 'csv'], '--log: "csv" is unknown'],
    [['--metrics', path('nothing.mjs')], 'nothing.mjs: there is no such file'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await runCli(['train', ...SMALL, ...args, '--out', path('refused')])
    expect(stderr).toContain(message)
    expect({ code, written: existsSync(path('refused')) }).toEqual({ code: 2, written: false })
  })
})

test('eval: a row for each episode, in --json and as CSV', async () => {
  const drawn = ['--agent', '0', '--episodes', '3', '--env-set', 'gravity=uniform(8,12)']
  const { stdout } = await done('eval', path('runs', 'two'), ...drawn, '--out', path('rows.csv'), '--json')
  const { rows, meanReturn } = JSON.parse(stdout)
  type Row = { episode: number; return: number; length: number; ended: string; params: { gravity: number } }
  expect(rows.map(({ episode, ended }: Row) => [episode, ended])).toEqual([0, 1, 2].map((i) => [i, 'terminated']))
  expect(rows.reduce((sum: number, row: Row) => sum + row.return, 0) / 3).toBeCloseTo(meanReturn, 9)
  expect(new Set(rows.map(({ params }: Row) => params.gravity)).size).toBe(3)
  for (const { params } of rows as Row[]) expect(Math.abs(params.gravity - 10)).toBeLessThanOrEqual(2)
  const csv = readFileSync(path('rows.csv'), 'utf8').trimEnd().split('\n')
  expect(csv).toHaveLength(4)
  expect(csv[0]).toMatch(/^episode,return,length,ended,params\.gravity/)
  expect(csv[2].startsWith(`1,${rows[1].return},${rows[1].length},terminated,${rows[1].params.gravity}`)).toBe(true)
  const again = await runCli(['eval', path('runs', 'two'), '--agent', '0', '--out', path('rows.csv')])
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')])
})

test('runs: lists, filters, sorts and draws; names what is broken', async () => {
  await done('train', ...SMALL, '--total-timesteps', '5120', '--set', 'gamma=0.9', '--out', path('runs', 'one'))
  mkdirSync(path('runs', 'empty'))
  mkdirSync(path('runs', 'broken'))
  writeFileSync(path('runs', 'broken', 'config.json'), '{"env":')
  mkdirSync(path('runs', 'one-shared'))
  writeFileSync(path('runs', 'one-shared', 'config.json'), '{"env":"CartPole-v1","evaluation":{},"origin":null}')
  const { stdout, stderr } = await done('runs', path('runs'), '--sort', 'steps', '--plot', path('all.svg'), '--json')
  const { runs, skipped, differing } = JSON.parse(stdout)
  expect(runs.map(({ folder, steps }: { folder: string; steps: number }) => [folder, steps])).toEqual([
    [path('runs', 'one'), 5120],
    [path('runs', 'two'), 1280],
  ])
  expect(runs[1]).toMatchObject({ env: 'CartPole-v1', agents: 2, state: 'finished', seed: 1 })
  expect(differing).toEqual(expect.arrayContaining(['gamma', 'numAgents', 'evalEvery']))
  expect(differing).not.toContain('gaeLambda')
  expect(skipped.map(({ folder }: { folder: string }) => folder)).toEqual([
    path('runs', 'broken'),
    path('runs', 'empty'),
  ])
  expect(stderr).toContain('broken: config.json: is not JSON')
  const none = await done('runs', path('runs', 'empty'), path('runs', 'one'))
  expect(none.stderr).toContain(`left out ${path('runs', 'empty')}: holds no config.json`)
  expect(readFileSync(path('all.svg'), 'utf8')).toContain('>one</text>')
  expect((await done('runs', path('runs'), '--env', 'Pendulum-v1')).stdout).toBe('No runs of Pendulum-v1.\n')
  expect((await done('runs', path('runs', 'one'))).stdout).toMatch(/^run +environment +score +steps/)
  const refused = await runCli(['runs', path('runs'), '--plot', path('all.svg')])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is there already')])
  expect(existsSync(path('runs', 'broken', 'config.json'))).toBe(true)
})
