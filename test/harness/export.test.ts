import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { readSafetensors, writeSafetensors } from '../../src/files/safetensors'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { runCli } from '../support/cli'

ort.env.wasm.numThreads = 1

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

/** A file of a policy of zeros. */
function writePolicy(name: string, env: string, changes: Partial<NetworkShape> = {}): string {
  const shape: NetworkShape = {
    ...{ obsDim: 4, actionDim: 2, actorHidden: [4], criticHidden: [4], activation: 'tanh', dist: 'categorical' },
    ...changes,
  }
  writeFileSync(path(name), policyFile(env, shape, new Float32Array(layoutNetwork(shape).paramStride)))
  return path(name)
}

beforeAll(buildCli)

describe('export', () => {
  test('the run of two agents that were trained with normalised observations', async () => {
    const out = path('run')
    const sizes = ['--num-envs', '8', '--num-steps', '32', '--total-timesteps', '1024', '--num-agents', '2']
    const options = ['numMinibatches=4', 'hidden=8', 'normObs=true'].flatMap((pair) => ['--set', pair])
    expect((await runCli(['train', '--reference', ...sizes, ...options, '--out', out])).code).toBe(0)

    const { code, stdout, stderr } = await runCli(['export', out, '--agent', '1', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const result = JSON.parse(stdout)
    const keys = ['env', 'policy', 'out', 'bytes', 'opset', 'irVersion', 'inputs', 'outputs']
    expect(Object.keys(result)).toEqual(keys)
    expect(result).toMatchObject({ env: 'CartPole-v1', opset: 17, irVersion: 8, out: join(out, 'policy-1.onnx') })
    const onnx = readFileSync(result.out)
    expect(onnx.length).toBe(result.bytes)

    const session = await ort.InferenceSession.create(onnx)
    expect(session.inputNames).toEqual(['obs'])
    expect(session.outputNames).toEqual(['action', 'logits', 'value'])
    const policy = loadPolicy(readFileSync(join(out, 'policy-1.safetensors')))
    expect(policy.normaliser?.obs).not.toBeNull()
    const obs = [0.02, -0.3, 0.01, 0.2]
    const { action, logits } = await session.run({ obs: new ort.Tensor('float32', obs, [1, 4]) })
    expect(Number(action.data[0])).toBe(policy.act(obs)[0])
    const wanted = policy.outputs(obs)
    for (const [i, logit] of wanted.entries()) expect(logits.data[i]).toBeCloseTo(logit, 5)

    // Without --agent the first agent's, which is another policy; a policy file is the same as its folder.
    const named = path('named.onnx')
    expect((await runCli(['export', out])).stdout).toMatch(
      /^CartPole-v1: obs float \[batch, 4\] -> action int64 \[batch\]/,
    )
    expect((await runCli(['export', join(out, 'policy.safetensors'), '--out', named])).code).toBe(0)
    expect(readFileSync(join(out, 'policy.onnx'))).toEqual(readFileSync(named))
    expect(readFileSync(named)).not.toEqual(onnx)
  })

  test('an agent of a checkpoint, as its policy file', async () => {
    const files = ['policy-0', 'policy-1'].map((name) =>
      readSafetensors(readFileSync(join(path('run'), `${name}.safetensors`))),
    )
    const tensors = [...files[0].tensors].map(([name, { shape }]) => {
      const both = files.flatMap(({ tensors }) => [...(tensors.get(name)!.data as Float32Array)])
      return { name, shape: [2, ...shape], data: Float32Array.from(both) }
    })
    const metadata = { ...files[0].metadata, format: 'ppo-webgpu-checkpoint' }
    writeFileSync(path('both.safetensors'), writeSafetensors(tensors, metadata))
    expect((await runCli(['export', path('both.safetensors'), '--agent', '1'])).code).toBe(0)
    expect(readFileSync(path('both.onnx'))).toEqual(readFileSync(join(path('run'), 'policy-1.onnx')))
    const { code, stderr } = await runCli(['export', path('both.safetensors'), '--agent', '2'])
    expect(stderr).toContain('agent 2: the checkpoint has 2, from 0.')
    expect(code).toBe(2)
  })

  test('discrete actions of an environment that is not built in', async () => {
    expect((await runCli(['export', writePolicy('own.safetensors', 'My-Env')])).code).toBe(0)
    expect(existsSync(path('own.onnx'))).toBe(true)
  })

  test('a hostile name in a file is shown, and does nothing to the terminal', async () => {
    const env = '\u001b[2J\u009b31m\u202eevil'
    const file = writePolicy('hostile.safetensors', env)
    const shown = await runCli(['export', file])
    const json = await runCli(['export', file, '--json'])
    const refused = await runCli(['eval', file])
    expect([shown.code, json.code, refused.code]).toEqual([0, 0, 2])
    for (const { stdout, stderr } of [shown, json, refused]) expect(stdout + stderr).not.toMatch(/[^\n\P{C}]/u)
    expect(shown.stdout).toContain('\\u001b[2J\\u009b31m\\u202eevil: obs float')
    expect(JSON.parse(json.stdout).env).toBe(env)
  })

  test.each<[string, () => string[], RegExp]>([
    ['nothing', () => [], /RUN_OR_POLICY is missing/],
    [
      'a pipe, which nobody writes to',
      () => {
        execFileSync('mkfifo', [path('pipe')])
        return [path('pipe')]
      },
      /pipe: is not a file/,
    ],
    ['no such file', () => [path('none')], /none: there is no such run or policy file/],
    [
      'an agent of a policy file',
      () => [writePolicy('a', 'CartPole-v1'), '--agent', '1'],
      /agent 1: the file holds the policy of/,
    ],
    ['no such agent', () => [path('run'), '--agent', '2'], /--agent 2: .*holds no policy-2\.safetensors/],
    ['a negative agent', () => [path('run'), '--agent', '-1'], /--agent: "-1" is not a whole number/],
    ['nowhere', () => [path('run'), '--out', path('no/p.onnx')], /--out: cannot write .*p\.onnx .*Name a file/],
    [
      'unknown bounds',
      () => [writePolicy('g', 'My-Env', { dist: 'gaussian' })],
      /there is no environment "My-Env" here\. Give .*--env FILE/,
    ],
    [
      'another shape',
      () => [writePolicy('s', 'CartPole-v1', { obsDim: 3 })],
      /a categorical policy of 3 inputs and 2 outputs does not fit CartPole-v1, which takes a categorical one of 4 and 2/,
    ],
    [
      'another distribution',
      () => [writePolicy('d', 'CartPole-v1', { dist: 'gaussian' })],
      /a gaussian policy .* does not fit CartPole-v1/,
    ],
  ])('%s: exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await runCli(['export', ...args()])
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^error: /)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})
