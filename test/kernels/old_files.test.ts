import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { otherBits } from '../../harness/rundir/resume'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { stateLayout, wordsOf } from '../../src/checkpoint/tensors'
import { readSafetensors } from '../../src/files/safetensors'
import { loadPolicy } from '../../src/policy/policyfile'
import { trainInPage } from '../support/train'

// Files that earlier versions wrote, after two iterations of 4 environments x 16 steps: see test/old/README.md.
const read = (name: string) => new Uint8Array(readFileSync(`test/old/${name}.safetensors`))
const floatsOf = (bytes: Uint8Array, name: string) => readSafetensors(bytes).tensors.get(name)!.data as Float32Array

/** The plan that the run had. */
const CHECKPOINTS = [
  { name: '0.1.0/normalised-checkpoint', plan: 'fused' },
  { name: '0.1.0/population-checkpoint', plan: 'layered' },
  { name: '0.2.0/fused-checkpoint', plan: 'fused' },
  { name: '0.2.0/layered-checkpoint', plan: 'layered' },
]

describe.each(CHECKPOINTS)('$name', ({ name, plan }) => {
  const bytes = read(name)
  const checkpoint = readCheckpoint(bytes)

  test('is read, with the running episodes as they were', () => {
    const { spec, config, snapshot } = checkpoint
    expect(config.scaleActions).toBe(false)
    if (!name.startsWith('0.1.0')) return // the returns of 0.1.0 were one sum each
    const tensor = stateLayout(spec, config).tensors.find((t) => t.name === 'episode.return_blocks')!
    const blocks = new Float32Array(wordsOf(tensor, snapshot.buffers.episodes!).buffer)
    const before = floatsOf(bytes, 'episode.episodic_return')
    expect(before.some((sum) => sum !== 0)).toBe(true)
    expect(Array.from(before, (_, i) => blocks.subarray(4 * i, 4 * i + 4).reduce((a, b) => a + b))).toEqual([...before])
  })

  test('goes on, and warns that the bits are others', async () => {
    const { spec, config, origin } = checkpoint
    const { rows } = await trainInPage({ env: spec.id, config: { ...config, totalTimesteps: 256 }, from: bytes })
    expect(rows.map((agent) => agent.map(({ iteration }) => iteration))).toEqual(rows.map(() => [3, 4]))
    expect(origin.plan).toBe(plan)
    const warning = otherBits(checkpoint, origin.adapter)
    expect(warning).toContain(`the version was ${name.slice(0, 5)}, now it is `)
    expect(warning?.includes('the layered plan sums gradients')).toBe(plan === 'layered')
  })
})

test('the policy of 0.1.0 acts as it did, without scaled actions', () => {
  const bytes = read('0.1.0/normalised-policy')
  const policy = loadPolicy(bytes)
  expect(policy.actionScale).toBeNull()
  expect(policy.act([-0.5, 0.01])).toEqual(policy.outputs([-0.5, 0.01]))
  expect(policy.normaliser!.obs!.count).toBeCloseTo(128, 3)
})

test('the policy of 0.2.0 acts as it did', () => {
  const policy = loadPolicy(read('0.2.0/layered-policy'))
  expect(policy.normaliser!.returns!.count).toBe(128)
  expect(policy.outputs([0.5, -0.5, 1])).toEqual([0.04188937865454173])
  expect(policy.value([0.5, -0.5, 1])).toBe(-0.25070452318168757)
})
