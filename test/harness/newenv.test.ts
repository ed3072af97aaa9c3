/** An environment of the user's own, from `new-env` to a run that is not resumed because its source has changed. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli, buildPage } from '../../harness/build.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
mkdirSync(join(root, 'runs'), { recursive: true })
// In the checkout: `ppo-webgpu` is then this one, and vitest is found.
const folder = mkdtempSync(join(root, 'runs', 'own-'))
const CLI = join(root, 'dist', 'cli.js')
const cli = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr }
}
const NODE = ['--runtime', 'node', '--set', 'plan=layered']

beforeAll(() => Promise.all([buildCli(), buildPage()]))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(['discrete', 'box'] as const)('what is written passes its own test and check-env: %s', (actions) => {
  const name = `my-${actions}`
  const written = cli('new-env', name, '--actions', actions, '--json')
  expect({ ...written, stdout: JSON.parse(written.stdout) }).toEqual({
    status: 0,
    stderr: '',
    stdout: {
      folder: name,
      files: [`${name}.wgsl`, `${name}.ts`, 'spec.ts', `${name}.test.ts`, 'wgsl.d.ts', 'README.md'],
      actions,
    },
  })
  for (const file of ['README.md', 'spec.ts', `${name}.wgsl`])
    expect(readFileSync(join(folder, name, file), 'utf8')).not.toMatch(/new-env|NewEnv|CHECK|TRAIN|world/)
  const checked = cli('check-env', `${name}/spec.ts`, '--runtime', 'node', '--num-envs', '16', '--steps', '60')
  expect(checked.stdout).toContain('OK: 1 of 1 are right.')
  const again = cli('new-env', name)
  expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining(`${name} is there already, and stays`) })
})

test('their tests run in the checkout as their README says; a name may be one that the test uses', () => {
  expect(cli('new-env', 'obs').status).toBe(0)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', basename(folder), '--reporter', 'json'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, VITEST: undefined },
  })
  expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({ numPassedTests: 9, numFailedTests: 0 })
  expect(status).toBe(0)
})

test('train, eval, export, resume; a changed source is refused with both hashes', () => {
  const env = './my-discrete/spec.ts'
  const sizes = ['--total-timesteps', '1024', '--num-envs', '8', '--num-steps', '32', '--set', 'hidden=8']
  const trained = cli('train', '--env', env, ...NODE, ...sizes, '--checkpoint-every', '1i', '--out', 'run')
  expect(trained.status, trained.stderr).toBe(0)
  expect(trained.stdout).toContain(` --env ${env}\n`)
  const { source, module } = JSON.parse(readFileSync(join(folder, 'run', 'config.json'), 'utf8'))
  expect({ source, module }).toEqual({
    source: expect.stringMatching(/^[\da-f]{64}$/),
    module: { file: '../my-discrete/spec.ts', name: null },
  })
  expect(cli('eval', 'run', '--episodes', '2').stderr).toContain(`Give the module that exports it: --env ${env}.`)
  expect(cli('eval', 'run', '--episodes', '2', '--env', `${env}:myDiscrete`)).toMatchObject({ status: 0, stderr: '' })
  expect(cli('export', 'run', '--env', env)).toMatchObject({ status: 0, stderr: '' })
  const longer = ['--total-timesteps', '1280', '--runtime', 'node']
  expect(cli('train', '--resume', 'run', ...longer).stdout).toContain(
    'Resuming MyDiscrete-v0, seed 1, from 1,024 steps',
  )

  const wgsl = join(folder, 'my-discrete', 'my-discrete.wgsl')
  const before = readFileSync(wgsl, 'utf8')
  writeFileSync(wgsl, before.replace('distance < 0.06', 'distance < 0.07'))
  const refused = cli('train', '--resume', 'run', '--total-timesteps', '1536')
  expect(refused.status).toBe(2)
  expect(refused.stderr).toMatch(
    /^error: --resume: \.\/my-discrete\/spec\.ts has changed since .*checkpoint-0000000005\.safetensors was written: the source of MyDiscrete-v0 had the hash [\da-f]{12}\.\.\., now it has [\da-f]{12}\.\.\.\. What differs is in my-discrete\/my-discrete\.wgsl, a module, or the default of a parameter\. Put that back to resume the run, or train a new one: npm run train -- --env \.\/my-discrete\/spec\.ts\n$/,
  )
  writeFileSync(wgsl, before.replace('let s = *state;', 'let s = *sate;'))
  const broken = cli('train', '--env', env, ...NODE, ...sizes, '--out', 'broken')
  expect(broken).toMatchObject({ status: 2, stderr: expect.stringMatching(/my-discrete\/my-discrete\.wgsl:27:12: /) })
  writeFileSync(
    wgsl,
    before.replace('OBS_DIM = 2u', 'OBS_DIM = 3u').replace('(state.x, state.goal)', '(state.x, state.goal, 0.0)'),
  )
  const spec = join(folder, 'my-discrete', 'spec.ts')
  writeFileSync(spec, readFileSync(spec, 'utf8').replace("['x', 'goal']", "['x', 'goal', 'nothing']"))
  expect(cli('train', '--resume', 'run').stderr).toContain('it had 2 observations, and has 3.')
  const unfit = cli('eval', 'run', '--env', env)
  expect(unfit).toMatchObject({ status: 2, stderr: expect.stringContaining('of 2 inputs and 3 outputs does not fit') })

  rmSync(join(folder, 'my-discrete', 'spec.ts'))
  expect(cli('train', '--resume', 'run').stderr).toContain(
    'names ./my-discrete/spec.ts, which is not there. Say where it is',
  )
})
