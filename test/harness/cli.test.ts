import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pendulum } from '../../envs/pendulum/spec'
import { buildCli } from '../../harness/build.js'
import { runCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const file = join(folder, 'a-file')
const golden = (name: string) => readFileSync(`test/golden/${name}`)

beforeAll(async () => {
  await buildCli()
  writeFileSync(file, 'not a policy, not golden')
  mkdirSync(join(folder, 'empty'))
  const discrete = golden('discrete.safetensors')
  writeFileSync(join(folder, 'truncated.safetensors'), discrete.subarray(0, discrete.length - 8))
  writeFileSync(join(folder, 'short.safetensors'), discrete.subarray(0, 100))
  writeFileSync(join(folder, 'broken.json'), '{"env": "CartPole-v1", "transitions": ')
  writeFileSync(join(folder, 'other.json'), '{"env": "CartPole-v1"}')
  const text = golden('CartPole-v1.json').toString()
  writeFileSync(join(folder, 'unknown-env.json'), text.replace('"CartPole-v1"', '"CartPole-v9"'))
  const cartPole = JSON.parse(text)
  cartPole.transitions.s2[3] = [1, 2, 3]
  writeFileSync(join(folder, 'ragged.json'), JSON.stringify(cartPole))
  writeFileSync(join(folder, 'number.mjs'), 'export const metrics = 5')
  const { twin: _, ...noTwin } = pendulum
  writeFileSync(join(folder, 'no-twin.mjs'), `export const own = ${JSON.stringify({ ...noTwin, id: 'Own-v0' })}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Starting a browser here gives another error: there is none. */
const noBrowser = { PPO_WEBGPU_CHROME: join(folder, 'no-browser') }

describe('bad input ends with exit code 2 and one message, before any browser', () => {
  test.each<[string, RegExp]>([
    ['train --env CartPole-v2', /there is no environment "CartPole-v2" \(did you mean "CartPole-v1"\?\)/],
    [
      `train --reference --env ${join(folder, 'no-twin.mjs')}`,
      /--reference: Own-v0 has no twin, which trains on the CPU/,
    ],
    [`train --metrics ${join(folder, 'number.mjs')}`, /number\.mjs: metrics is 5, not \{ name: \(row\) => number \}/],
    ['train --env', /--env: its value is missing/],
    ['train --sed 3', /--sed: train has no such option \(did you mean "--seed"\?\)/],
    ['train -x', /-x: train has no such option/],
    ['train --seed -1', /config\.seed: -1 is out of range/],
    ['train --seed=-1', /config\.seed: -1 is out of range/],
    ['train --seed 1.5', /config\.seed: 1\.5 is not a whole number/],
    ['train --seed NaN', /config\.seed: "NaN" is not a whole number/],
    ['train --num-envs 0', /config\.numEnvs: 0 is out of range/],
    ['train --num-envs lots', /config\.numEnvs: "lots" is not/],
    ['train --total-timesteps 1', /config\.totalTimesteps: 1 is less than one batchSize/],
    ['train --set learningRate=nan', /config\.learningRate: "nan" is not a number/],
    ['train --set learningRate=-1', /config\.learningRate: -1 is out of range/],
    ['train --set learningRate=', /config\.learningRate: "" is not a number/],
    ['train --set learningrate=1', /no option "learningrate" \(did you mean "learningRate"\?\)/],
    ['train --set gamma', /--set: "gamma" is not KEY=VALUE/],
    ['train --set gamma=0.9 --set gamma=0.8', /--set gamma: given twice/],
    ['train --num-envs 4 --set numEnvs=8', /--num-envs and --set numEnvs: the same option twice/],
    ['train --set numMinibatches=3', /config\.numMinibatches: 3 does not divide batchSize 2048/],
    ['train --set __proto__=1', /no option "__proto__"/],
    ['train --set plan=fuse', /config\.plan: "fuse" is not one of/],
    ['train --preset cleanr', /no preset "cleanr" \(did you mean "cleanrl"\?\)/],
    ['train --adapter sofware', /--adapter: "sofware" is not one of .* \(did you mean "software"\?\)/],
    ['train --json=yes', /--json: takes no value/],
    ['train more', /"more": train takes no argument without a name/],
    [`train --out ${file}`, /--out: cannot write to .*a-file/],
    ['train --out /proc/nowhere', /--out: cannot write to \/proc\/nowhere/],
    ['eval', /RUN_OR_POLICY is missing/],
    ['eval a b', /"b": eval takes at most 1/],
    [`eval ${folder}/nothing`, /nothing: there is no such run/],
    [`eval ${folder}/empty`, /holds no policy\.safetensors/],
    [`eval ${file}`, /a-file: /],
    [`eval ${file} --episodes 0`, /--episodes: "0" is not a whole number from 1/],
    ['bench --case cartpole', /there is no case "cartpole" \(did you mean/],
    ['bench --repeats x', /--repeats: "x" is not a whole number/],
    [`bench --json ${folder}/no/where.json`, /--json: cannot write to/],
    [`verify ${folder}/nothing.json`, /nothing\.json: there is no such file/],
    [`verify ${file}`, /a-file: not a golden file/],
    [`verify ${folder}/truncated.safetensors`, /truncated\.safetensors: /],
    [`verify ${folder}/short.safetensors`, /short\.safetensors: /],
    [`verify ${folder}/broken.json`, /broken\.json: .*JSON/],
    [`verify ${folder}/other.json`, /other\.json: no file of recorded transitions/],
    [`verify ${folder}/unknown-env.json`, /unknown-env\.json: .*no environment "CartPole-v9"/],
    [`verify ${folder}/ragged.json`, /ragged\.json: transitions\.s2\[3\]: \[1,2,3\] is not 4 finite numbers/],
    ['trian', /trian: there is no such command \(did you mean "train"\?\)/],
  ])('%s', async (line, message) => {
    const { code, stdout, stderr } = await runCli(line.split(' '), noBrowser)
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^error: /)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test('an environment variable that names no browser', async () => {
    const { code, stderr } = await runCli(['verify', 'test/golden/gae.safetensors'], noBrowser)
    expect(stderr).toContain('PPO_WEBGPU_CHROME: ')
    expect(code).toBe(2)
  })

  test('nothing is left of a run that was refused', async () => {
    const out = join(folder, 'refused')
    await runCli(['train', '--out', out, '--seed', '-1'], noBrowser)
    expect(existsSync(out)).toBe(false)
  })
})

describe('help', () => {
  test.each(['train', 'eval', 'compare', 'verify', 'bench'])('%s --help', async (command) => {
    const { code, stdout, stderr } = await runCli([command, '--help'], noBrowser)
    expect(stdout).toContain(`npm run ${command} --`)
    expect(stdout).toContain('--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('overview and version', async () => {
    const { code, stdout } = await runCli(['--help'])
    expect(stdout).toContain('Exit codes: 0 done')
    expect(code).toBe(0)
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await runCli([])).code).toBe(2)
  })
})
