/** Policies of an environment that is not built in, through the commands: from the file alone, and with its module. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { pointMass } from '../../examples/pointmass/spec'
import { buildCli } from '../../harness/build.js'
import type { AnyEnvSpec } from '../../src/env/contract'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { policyFile } from '../../src/policy/policyfile'
import { runCli } from '../support/cli'

ort.env.wasm.numThreads = 1
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (name: string) => join(folder, name)
const MODULE = fileURLToPath(new URL('../../examples/pointmass/spec.ts', import.meta.url))
const SHAPE: NetworkShape = {
  ...{ obsDim: 4, actionDim: 2, actorHidden: [4], criticHidden: [4], activation: 'tanh', dist: 'gaussian' },
}
const ORIGIN = { library: '0.3.0', adapter: 'a GPU', seed: 3, steps: 81_920, score: 12.34 }

/** A file of a policy that asks for [3, -3], which its box does not have; as of before 0.3.0 if only an id is given. */
function write(name: string, env: AnyEnvSpec | string): string {
  const layout = layoutNetwork(SHAPE)
  const params = new Float32Array(layout.paramStride)
  params.set([3, -3], (layout.actor.at(-1) as { bias: number }).bias)
  writeFileSync(path(name), policyFile(env, SHAPE, params, null, null, typeof env === 'string' ? null : ORIGIN))
  return path(name)
}
const action = async (model: string) => {
  const session = await ort.InferenceSession.create(readFileSync(model))
  const { action } = await session.run({ obs: new ort.Tensor('float32', [0, 0, 0, 0], [1, 4]) })
  return [...action.data]
}

beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

test('its file is enough for a model, with its bounds and names', async () => {
  const { code, stderr } = await runCli(['export', write('own.safetensors', pointMass)])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(await action(path('own.onnx'))).toEqual([1, -1])
  expect(readFileSync(path('own.onnx'), 'latin1')).toContain('["force along x","force along y"]')
})

test('episodes need its module, and the error says how to give it; the origin is printed', async () => {
  const file = write('play.safetensors', pointMass)
  const refused = await runCli(['eval', file])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/there is no environment "PointMass-v0" here, .*: --env FILE\. Built in are CartPole/)
  const played = await runCli(['eval', file, '--env', MODULE, '--episodes', '2'])
  expect({ code: played.code, stderr: played.stderr }).toEqual({ code: 0, stderr: '' })
  expect(played.stdout).toMatch(/^PointMass-v0, 2 episodes: return -?[\d.,]+ /)
  expect(played.stdout.trimEnd().split('\n').at(-1)).toBe(
    'Trained for 81,920 steps, with seed 3, by ppo-webgpu 0.3.0, on a GPU, to a return of 12.3 over its latest 100 episodes.',
  )
})

test('a file of before 0.3.0 lacks its bounds: the module gives them', async () => {
  const file = write('old.safetensors', 'PointMass-v0')
  const refused = await runCli(['export', file])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/does not hold the bounds of its actions, .*"PointMass-v0" here\..*--env FILE/)
  expect((await runCli(['export', file, '--env-file', MODULE])).code).toBe(0)
  expect(await action(path('old.onnx'))).toEqual([1, -1])
  const { stdout } = await runCli(['eval', file, '--env-file', MODULE, '--episodes', '1'])
  expect(stdout).toContain('The file does not say how it was trained: it is of a version before 0.3.0.\n')
})

test('another environment of the same name is a warning, a module without it an error', async () => {
  const other = write('other.safetensors', { ...pointMass, maxEpisodeSteps: 50 })
  const { code, stderr } = await runCli(['eval', other, '--env-file', MODULE, '--episodes', '1'])
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /^WARNING: .*other\.safetensors: was trained in another PointMass-v0 than the one in .*spec\.ts: its source has the hash [\da-f]{12}\.\.\., by ppo-webgpu 0\.3\.0, this one [\da-f]{12}\.\.\.\. maxEpisodeSteps was 50, and is 100\. Returns may differ\.\n$/,
  )
  const pendulum = findEnv('Pendulum-v1')
  const layout = { ...SHAPE, obsDim: 3, actionDim: 1 }
  const params = new Float32Array(layoutNetwork(layout).paramStride)
  writeFileSync(path('p.safetensors'), policyFile({ ...pendulum, maxEpisodeSteps: 9 }, layout, params))
  const builtIn = await runCli(['export', path('p.safetensors')])
  expect(builtIn.code).toBe(0)
  expect(builtIn.stderr).toMatch(/^WARNING: .*was trained in another Pendulum-v1 than the one built in here: /)
  const wrong = await runCli(['eval', path('p.safetensors'), '--env-file', MODULE])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('spec.ts has PointMass-v0, but the policy is for Pendulum-v1. Name the module of')
})
