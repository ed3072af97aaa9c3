import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { runCli, startCli } from '../support/cli'
import { readEvents } from '../support/events'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

/** Iterations of 8 x 32 steps, with one epoch: milliseconds each. */
const SMALL = ['--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'updateEpochs=1']

/** The same, and soon compiled: the layered plan. */
const LAYERED = [...SMALL, '--set', 'plan=layered']

const lastLine = (text: string): string => {
  expect(text.endsWith('\n')).toBe(true)
  return text.trimEnd().split('\n').at(-1)!
}
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))

const SHAPE = [
  ...['env', 'seed', 'numAgents', 'timesteps', 'iterations', 'episodes', 'episodicReturn', 'solvedAt', 'wallSeconds'],
  ...['sps', 'plan', 'dispatchesPerIteration', 'adapter', 'out', 'weightsHash', 'diagnosis'],
]

describe('train', () => {
  test('--json: one object and nothing else on stdout; the run folder; eval', async () => {
    const out = join(folder, 'json')
    const { code, stdout, stderr } = await runCli([
      'train',
      ...SMALL,
      '--total-timesteps',
      '512',
      '--json',
      '--out',
      out,
    ])
    expect(code).toBe(0)
    const result = JSON.parse(lastLine(stdout))
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(Object.keys(result)).toEqual(SHAPE)
    expect(result).toMatchObject({ env: 'CartPole-v1', seed: 1, numAgents: 1, timesteps: 512, iterations: 2, out })
    expect(result.weightsHash).toMatch(/^[0-9a-f]{64}$/)
    if (result.adapter.includes('software')) expect(stderr).toContain('WARNING: no GPU in use')

    const [events, ...files] = readdirSync(out).sort((a, b) => Number(/tfevents/.test(b)) - Number(/tfevents/.test(a)))
    expect(readEvents(join(out, events)).map(({ step }) => step)).toEqual([0, 0, 0, 0, 256, 512, 0])
    expect(files.sort()).toEqual([
      ...[
        'checkpoint-0000000002.safetensors',
        'config.json',
        'facts.json',
        'learning-curve.svg',
        'metrics.csv',
        'metrics.jsonl',
      ],
      ...['policy.safetensors', 'result.json'],
    ])
    expect(readJson('json', 'config.json')).toMatchObject({
      env: 'CartPole-v1',
      preset: 'default',
      config: { seed: 1 },
    })
    expect(readJson('json', 'facts.json')).toMatchObject({ browser: expect.any(String), command: expect.any(String) })
    expect(readJson('json', 'result.json')).toMatchObject(result)
    const rows = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map((row) => row.iteration)).toEqual([1, 2])
    expect(rows[1].timesteps).toBe(512)
    const csv = readFileSync(join(out, 'metrics.csv'), 'utf8').trim().split('\n')
    expect(csv).toHaveLength(3)
    expect(csv[0].split(',')).toHaveLength(csv[1].split(',').length)

    const evaluated = await runCli(['eval', out, '--episodes', '10', '--json'])
    expect(evaluated.code).toBe(0)
    const scores = JSON.parse(lastLine(evaluated.stdout))
    const keys = [
      'env',
      'episodes',
      'meanReturn',
      'stdReturn',
      'minReturn',
      'maxReturn',
      'meanLength',
      'capped',
      'seed',
      'envParams',
      'deterministic',
      'agent',
      'numAgents',
    ]
    expect(Object.keys(scores)).toEqual([...keys, 'rows', 'environment', 'origin'])
    expect(scores.rows).toHaveLength(10)
    expect(scores).toMatchObject({ env: 'CartPole-v1', episodes: 10, deterministic: true, agent: 0, numAgents: 1 })
    expect(scores.meanReturn).toBeGreaterThanOrEqual(8)
    const again = await runCli(['eval', join(out, 'policy.safetensors'), '--episodes', '10', '--json'])
    expect(again.stdout).toBe(evaluated.stdout)
  })

  test('several agents; progress in lines when piped', async () => {
    const out = join(folder, 'agents')
    const options = ['--num-agents', '3', ...LAYERED, '--total-timesteps', '8192']
    const { code, stdout } = await runCli(['train', '--seed', '5', ...options, '--out', out])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[\d,]+ \/ 8,192 steps {2}return [\d.,]+ {2}[\d,]+ steps\/s {2}\d+:\d\d left$/m)
    expect(stdout).not.toContain('\r')
    const result = readJson('agents', 'result.json')
    expect(result.agents.map((a: { seed: number }) => a.seed)).toEqual([5, 6, 7])
    const mean = result.agents.reduce((sum: number, a: { episodicReturn: number }) => sum + a.episodicReturn, 0) / 3
    expect(result.episodicReturn).toBeCloseTo(mean, 9)
    const hash = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')
    expect(hash('policy.safetensors')).toBe(hash('policy-0.safetensors'))
    expect(new Set([0, 1, 2].map((k) => hash(`policy-${k}.safetensors`))).size).toBe(3)
  })

  test('Ctrl-C stops, saves and says 75', async () => {
    const out = join(folder, 'interrupted')
    const running = startCli(['train', ...LAYERED, '--set', 'stopWhenSolved=false', '--json', '--out', out])
    await running.shows(/steps\/s/)
    running.kill('SIGINT')
    const { code, stdout } = await running.done
    expect(code).toBe(75)
    expect(JSON.parse(lastLine(stdout)).timesteps).toBeGreaterThan(0)
    expect(readJson('interrupted', 'result.json').interrupted).toBe(true)
    expect(existsSync(join(out, 'policy.safetensors'))).toBe(true)
  })

  test('diverging ends with 4 and says where', async () => {
    // One step makes weights of 10; through sixteen layers of 32 they overflow f32.
    const hidden = Array.from({ length: 16 }, () => 32).join('x')
    const wild = ['learningRate=10', 'maxGradNorm=1e9', 'activation=relu', `hidden=${hidden}`]
    const options = [...SMALL, ...wild.flatMap((pair) => ['--set', pair])]
    const out = join(folder, 'diverged')
    const { code, stderr } = await runCli(['train', ...options, '--total-timesteps', '4096', '--out', out])
    expect(code).toBe(4)
    const told = /agent 0 \(seed \d+\), iteration (\d+): (\w+) of .* are not finite\. .*npm run verify -- (.*)$/m.exec(
      stderr,
    )
    expect(told, stderr).not.toBeNull()
    const [, iteration, buffer, dump] = told!
    expect(dump).toBe(join(out, `not-finite-${iteration}.safetensors`))
    const replay = await runCli(['verify', dump, '--json'])
    expect(replay.code, replay.stderr).toBe(0)
    const [{ kind, checks }] = JSON.parse(lastLine(replay.stdout)).files
    expect(kind).toBe('dump')
    const [, gpuSide] = checks
    expect(gpuSide).toMatchObject({ side: 'gpu', ok: true, name: expect.stringContaining(buffer) })
    expect(gpuSide.worst).toContain('reproduced: ')
  })

  test('no adapter: exit code 3 and what to do', async () => {
    const flags = '--use-webgpu-adapter=default --disable-gpu --disable-software-rasterizer'
    const { code, stdout, stderr } = await runCli(['train', '--json', '--out', join(folder, 'none')], {
      PPO_WEBGPU_CHROME_FLAGS: flags,
    })
    expect(stderr).toMatch(/error: webgpu: .* gave no software adapter\. .*--use-webgpu-adapter=swiftshader\.$/m)
    expect(stderr).not.toContain('--adapter software') // it is that already
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })
})

describe('verify', () => {
  test('the golden files, one of each kind, and networks of every kind of layer', async () => {
    const networks = ['strided_odd', 'pooled', 'layer_norm'].map((name) => `${name}.safetensors`)
    const names = ['CartPole-v1.json', 'gae.safetensors', 'discrete.safetensors', 'Hopper-v5.json', ...networks]
    const files = names.map((name) => `test/golden/${name}`)
    const { code, stdout } = await runCli(['verify', ...files, '--json'])
    const result = JSON.parse(lastLine(stdout))
    expect(result.files.map((f: { kind: string }) => f.kind)).toEqual([
      ...['transitions', 'gae', 'update', 'mujoco', 'update', 'update', 'update'],
    ])
    for (const { checks } of result.files) {
      expect(new Set(checks.map((c: { side: string }) => c.side))).toEqual(new Set(['gpu', 'reference']))
      expect(checks.filter((c: { ok: boolean }) => !c.ok)).toEqual([])
    }
    expect(result.ok).toBe(true)
    expect(code).toBe(0)
  })

  test('a recording with wrong numbers of forces and rewards fails where they are', async () => {
    const file = join(folder, 'wrong.json')
    const recording = JSON.parse(readFileSync('test/golden/InvertedPendulum-v5.json', 'utf8'))
    recording.forward[1].qacc[0] += 1e-3
    recording.transitions.r4[2] += 1
    writeFileSync(file, JSON.stringify(recording))
    const { code, stdout } = await runCli(['verify', file, '--json'])
    const [{ checks }] = JSON.parse(lastLine(stdout)).files
    const failed = checks.filter((c: { ok: boolean }) => !c.ok)
    const wrong = ['rewards of InvertedPendulum-v4 (r4)', 'forward qacc']
    expect(failed.map((c: { name: string }) => c.name)).toEqual([...wrong, ...wrong])
    expect(failed[0].worst).toContain('transitions[2], number 0')
    expect(failed[1].worst).toContain('forward[1], number 0')
    expect(code).toBe(1)
  })
})
