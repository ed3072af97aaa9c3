/** `import`, and `train --policy` that begins with what it wrote, through the command line. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { readPolicy } from '../../src/policy/policyfile'
import { runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
const golden = (name: string) => fileURLToPath(new URL(`../golden/imported/${name}`, import.meta.url))
const policyIn = (file: string) => readPolicy(new Uint8Array(readFileSync(file)))
const done = { code: 0, stderr: '' }

beforeAll(async () => {
  await buildCli()
  for (const name of ['ppo_cartpole.zip', 'ppo_pendulum.zip']) copyFileSync(golden(name), path(name))
  execFileSync('mkfifo', [path('pipe.zip')])
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a model becomes a policy beside it, which is played; a second time it is in the way', async () => {
  const first = await runCli(['import', path('ppo_cartpole.zip'), '--env', 'CartPole-v1', '--json'])
  expect(first.code).toBe(0)
  expect(first.stderr).toMatch(
    /^WARNING: .*ppo_cartpole\.zip does not say whether it was trained with VecNormalize\. If/,
  )
  const out = path('ppo_cartpole-policy.safetensors')
  const result = JSON.parse(first.stdout)
  expect(result).toMatchObject({
    env: 'CartPole-v1',
    out,
    source: 'Stable-Baselines3 2.9.2',
    actorHidden: [8],
    steps: 1024,
  })
  const played = await runCli(['eval', out, '--episodes', '5'])
  expect(played).toMatchObject(done)
  expect(played.stdout).toMatch(/Trained for 1,024 steps, with seed 1, on Stable-Baselines3 2\.9\.2\.\n$/)
  const again = await runCli(['import', path('ppo_cartpole.zip'), '--env', 'CartPole-v1'])
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')])
})

test('without an environment, with a pickle, and without the file: errors, and nothing is written', async () => {
  writeFileSync(path('vec_normalize.pkl'), Uint8Array.of(0x80, 4, 0x2e))
  const zip = path('ppo_pendulum.zip')
  for (const [args, message] of [
    [[zip], 'ppo_pendulum.zip: does not name its environment. Give the one that it was trained in: --env ID'],
    [[zip, '--env', 'Pendulum-v1', '--stats', path('vec_normalize.pkl')], 'vec_normalize.pkl: is a pickle'],
    [[path('none.zip'), '--env', 'Pendulum-v1'], 'none.zip: cannot be read'],
    [[path('pipe.zip'), '--env', 'Pendulum-v1'], 'pipe.zip: cannot be read (it is not a file)'],
    [
      [zip, '--env', 'Pendulum-v1', '--activation', 'relus'],
      '"relus" is not one of tanh, relu, silu, elu (did you mean "relu"?)',
    ],
  ] as [string[], string][]) {
    const { code, stderr } = await runCli(['import', ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  }
  expect(existsSync(path('ppo_pendulum-policy.safetensors'))).toBe(false)
  const warned = await runCli(['import', zip, '--env', 'Pendulum-v1', '--out', path('bare.safetensors')])
  expect(warned.stderr).toContain('vec_normalize.pkl is there: it probably was.')
})

test('training begins with its weights and statistics, and its options must agree', async () => {
  const file = path('pendulum.safetensors')
  const stats = ['--stats', golden('vec_normalize.safetensors')]
  expect(
    await runCli(['import', golden('ppo_pendulum.zip'), '--env', 'Pendulum-v1', ...stats, '--out', file]),
  ).toMatchObject(done)
  const small = ['--num-envs', '4', '--num-steps', '32', '--total-timesteps', '128', '--set', 'numMinibatches=2']
  const train = (...more: string[]) => runCli(['train', '--reference', '--policy', file, ...small, ...more])
  // Without a step of Adam the weights of the run are those of the file.
  const { code, stdout } = await train('--set', 'learningRate=0', '--num-agents', '2', '--out', path('run'))
  expect(code).toBe(0)
  expect(stdout).toContain(`Beginning with the weights of ${file}.`)
  const [before, after] = [policyIn(file), policyIn(path('run', 'policy-1.safetensors'))]
  expect(after.shape).toEqual(before.shape)
  expect(after.params).toEqual(before.params)
  expect(after.normaliser!.obs!.count).toBeCloseTo(before.normaliser!.obs!.count + 128, 1)
  expect(after.normaliser!.returns!.count).toBeCloseTo(before.normaliser!.returns!.count + 128, 1)
  expect(JSON.parse(readFileSync(path('run', 'facts.json'), 'utf8')).policy.from).toBe(file)
  // With steps they are others.
  expect((await train('--out', path('stepped'))).code).toBe(0)
  expect(policyIn(path('stepped', 'policy.safetensors')).params).not.toEqual(before.params)
  for (const [args, message] of [
    [
      ['--env', 'CartPole-v1'],
      `${file}: obsDim is 3 in the file (trained on Pendulum-v1), but 4 in this run on CartPole-v1`,
    ],
    [['--set', 'hidden=32'], `${file}: actorHidden is [8] in the file (trained on Pendulum-v1), but [32] in this run`],
    [['--set', 'activation=tanh'], `${file}: activation is "relu" in the file`],
    [
      ['--set', 'network=dense(8),relu'],
      `${file}: network is "mlp" in the file (trained on Pendulum-v1), but "dense(8),relu"`,
    ],
    [
      ['--set', 'normObs=false'],
      'config.normObs: false, but the policy in the file has statistics of its observations',
    ],
    [['--resume', path('run')], 'checkpoint'],
  ] as [string[], string][]) {
    const refused = await train(...args)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(message)])
  }
})
