import { describe, expect, test } from 'vitest'
import { packageVersion } from '../../harness/checkout/root.js'
import { otherBits } from '../../harness/rundir/resume'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { emptyCheckpoint } from '../support/checkpoint'

const ADAPTER = 'google swiftshader (software)'
const checkpoint = readCheckpoint(emptyCheckpoint(10, 0, { seed: 7 }))

/** What is said before a run goes on here, that was made by `origin`. */
const warned = (origin: { adapter?: string; library?: string }) =>
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
      'the adapter was nvidia hopper: training goes on, but not with the bits of an unbroken run of seed 7.',
    )
  })

  test('names another version, and both', () => {
    const version = `the version was 0.0.1, now it is ${packageVersion()}`
    expect(warned({ library: '0.0.1' })).toContain(`${version}: training goes on`)
    expect(warned({ library: '0.0.1', adapter: 'other' })).toContain(`the adapter was other, and ${version}:`)
  })
})
