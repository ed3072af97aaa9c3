/** dawn.node in place of Chrome: the same errors, and a command that ends. The same bits: node.slow.test.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import type { KernelRun } from '../../harness/protocol/protocol'
import { resolveConfig } from '../../src/config/config'
import { policySlots } from '../../src/plan/kernels'
import { runCli } from '../support/cli'
import { shapeOf } from '../support/kernel'
import { chrome, folder, node, useRuntimes } from './runtimes'

useRuntimes()

test('says who computes', () => {
  expect(node.facts.browser).toMatch(/^dawn\.node \d+\.\d+\.\d+, Node v/)
  expect(node.facts).toMatchObject({ runtime: 'node', software: true, isFallbackAdapter: true })
  expect(node.facts).toMatchObject({ vendor: chrome.facts.vendor, architecture: chrome.facts.architecture })
  expect(node.facts.limits.maxComputeWorkgroupStorageSize).toBe(chrome.facts.limits.maxComputeWorkgroupStorageSize)
})

describe('errors are those of Chrome', () => {
  test('a configuration that cannot be', async () => {
    const config = resolveConfig(cartPole.preset, {})
    const [a, b] = await Promise.all(
      [chrome, node].map((runtime) => runtime.call('train', { env: 'CartPole-v2', config }).catch((error) => error)),
    )
    expect(b).toMatchObject({ name: 'ConfigError', exitCode: 2, message: a.message })
  })

  test('more memory than the adapter has: what fits is named before anything is allocated', async () => {
    const config = resolveConfig(cartPole.preset, { numAgents: 30_000, hidden: [1024], plan: 'layered' })
    const [a, b] = await Promise.all(
      [chrome, node].map((runtime) => runtime.call('train', { env: cartPole.id, config }).catch((error) => error)),
    )
    expect(b).toMatchObject({ name: 'ConfigError', exitCode: 2, message: a.message })
    expect(b.message).toContain('Use numAgents at most')
  })

  // Last, because the device of both runtimes is unusable afterwards.
  test('an uncaptured error of WebGPU', async () => {
    const run: KernelRun = {
      stem: 'gae',
      slots: policySlots(shapeOf(3, 2)),
      args: { numSteps: 1, numEnvs: 1, stopStride: 1, values: 0, valueStride: 1 },
      // Not one struct fits into `hyper`.
      buffers: Object.fromEntries(
        ['hyper', 'stop', 'heads', 'final_values', 'transitions'].map((name) => [name, new Float32Array(1)]),
      ),
      outputs: ['transitions'],
      workgroups: [1, 1, 1],
    }
    const [a, b] = await Promise.all([chrome, node].map((runtime) => runtime.call('runKernel', run).catch((e) => e)))
    expect(a.message).toMatch(/^WebGPU GPUValidationError: /)
    expect(b.message).toMatch(/^WebGPU GPUValidationError: /)
    await expect(node.call('adapter', {})).rejects.toThrow('GPUValidationError')
  })
})

describe('the commands', () => {
  const SMALL = ['--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'updateEpochs=1']
  const NODE = ['--runtime', 'node', '--adapter', 'software']

  test('train ends by itself and writes what it was trained on', async () => {
    const out = join(folder, 'train')
    const { code, stdout, stderr } = await runCli([
      'train',
      ...NODE,
      ...SMALL,
      '--total-timesteps',
      '512',
      '--json',
      '--out',
      out,
    ])
    expect(stderr).toContain('WARNING: no GPU in use. Node runs WebGPU on the CPU')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ timesteps: 512, adapter: 'google swiftshader (software)' })
    expect(JSON.parse(readFileSync(join(out, 'facts.json'), 'utf8')).browser).toMatch(/^dawn\.node/)
  })

  test('--list-adapters: what both runtimes offer', async () => {
    const { code, stdout } = await runCli(['train', '--list-adapters'])
    expect(code).toBe(0)
    const [ofNode, ofChrome] = stdout.split('With --runtime chrome')
    expect(ofNode).toMatch(
      /SwiftShader Device \(Subzero\): SwiftShader, subgroups of 4, 32 KiB and 256 threads a workgroup, \d+ storage/,
    )
    expect(ofChrome).toMatch(/software: google swiftshader \(software\) of Chrome\/\S+: SwiftShader, 32 KiB/)
  })

  test('a part of a name, whatever its case, or the names that there are', async () => {
    const named = (name: string, ...more: string[]) =>
      runCli([
        'train',
        '--adapter',
        name,
        ...SMALL,
        '--total-timesteps',
        '256',
        '--out',
        join(folder, 'named'),
        '--json',
        ...more,
      ])
    const { code, stdout } = await named('sUBZERO', '--runtime', 'node')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ adapter: 'google swiftshader (software)' })
    const other = await named('no such name', '--runtime', 'node', '--force')
    expect(other).toMatchObject({ code: 2, stdout: '' })
    expect(other.stderr).toMatch(
      /no adapter has "no such name" in its name\. Adapters here: "SwiftShader Device \(Subzero\)"/,
    )
    const chrome = await named('lavapipe')
    expect(chrome.code).toBe(2)
    expect(chrome.stderr).toContain('Chrome takes its adapter itself; a part of a name works with --runtime node.')
  })

  test('a runtime that does not exist is bad usage', async () => {
    const { code, stderr } = await runCli(['train', '--runtime', 'deno'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: --runtime: "deno" is not one of chrome, node.\n' })
  })
})
