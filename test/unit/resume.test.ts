import { describe, expect, test } from 'vitest'
import { packageVersion } from '../../harness/checkout/root.js'
import { otherBits } from '../../harness/rundir/resume'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { emptyCheckpoint } from '../support/checkpoint'

const ADAPTER = 'google swiftshader (software)'
const checkpoint = readCheckpoint(emptyCheckpoint(10, 0, { seed: 7 }))

/** The warning before a run made by `origin` is continued here. */
const warned = (origin: { adapter?: string; library?: string; plan?: 'layered' | 'fused' }) =>
  otherBits(
    { ...checkpoint, origin: { ...checkpoint.origin, adapter: ADAPTER, library: packageVersion(), ...origin } },
    ADAPTER,
  )

describe('the warning before a run goes on', () => {
  test('is not given on the same adapter with the same version', () => {
    expect(warned({})).toBeNull()
  })

  test('names another adapter', () => {
    expect(warned({ adapter: 'nvidia hopper' })).toBe(
      'the adapter was nvidia hopper: training continues, but the results will not be bit-identical to an uninterrupted run of seed 7.',
    )
  })

  test('says what the layered plan does otherwise since 0.3.0, to checkpoints of before alone', () => {
    const order = 'and since 0.3.0 the layered plan sums gradients, their norm and losses in another order: training'
    for (const library of ['0.1.0', '0.2.0']) {
      expect(warned({ library, plan: 'layered' })).toContain(`the version was ${library}, now it is`)
      expect(warned({ library, plan: 'layered' })).toContain(order)
      expect(warned({ library, plan: 'fused' })).not.toContain('layered')
    }
    for (const library of ['0.3.0', '0.3.1', '0.10.0', '1.0.0']) {
      expect(warned({ library, plan: 'layered' }) ?? '').not.toContain('layered plan')
    }
  })

  test('names another version, and both', () => {
    const version = `the version was 0.0.1, now it is ${packageVersion()}`
    expect(warned({ library: '0.0.1' })).toContain(`${version}: training continues`)
    expect(warned({ library: '0.0.1', adapter: 'other' })).toContain(`the adapter was other, and ${version}:`)
  })
})
