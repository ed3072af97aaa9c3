/** What the tests of lost devices share: a run that nothing happens to, and the comparison with it. */
import { expect } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { resolveConfig } from '../../src/config/config'
import { differences, type Trained, trainInPage } from '../support/train'

export const env = 'CartPole-v1'
export const ITERATIONS = 8
const sizes = { numEnvs: 8, numSteps: 16, numMinibatches: 2, updateEpochs: 2, hidden: [16], seed: 9, numAgents: 2 }
export const config = resolveConfig({}, { ...sizes, totalTimesteps: ITERATIONS * 8 * 16, learningRate: 1e-3 })

/** On the caller's devices, a new one after each loss. */
export const OTHER_DEVICES = { withoutSubgroups: true, anotherDevice: true }

const unbroken = new Map<string, Promise<Trained>>()
/** The run without a loss; each kind is trained once. */
export function whole(options: object): Promise<Trained> {
  const kind = JSON.stringify(options)
  if (!unbroken.has(kind)) unbroken.set(kind, trainInPage({ env, config, ...options }))
  return unbroken.get(kind)!
}

/** Bit-identical, and every row once. */
export function expectSame(run: Trained, other: Trained): void {
  expect(differences(run.params, other.params)).toEqual([])
  expect(run.rows).toEqual(other.rows)
  const [mine, theirs] = [run, other].map(({ checkpoint }) => readCheckpoint(checkpoint!).snapshot)
  expect(mine).toEqual(theirs)
}

export const faultsIn = ({ events }: Trained) =>
  events.filter(({ type }) => type === 'deviceLost' || type === 'recovered')

/** A run of which the device is lost after these iterations: the same bits as of one with `kind`, and every row once. */
export async function expectReplaced(kind: object, loseDeviceAt: number[], options: object = {}): Promise<void> {
  const run = await trainInPage({ env, config, ...kind, ...options, loseDeviceAt })
  expectSame(run, await whole(kind))
  const faults = faultsIn(run)
  expect(faults.map(({ type }) => type)).toEqual(loseDeviceAt.flatMap(() => ['deviceLost', 'recovered']))
  for (const event of faults) if (event.type === 'recovered') expect(event.detail.sameAdapter).toBe(true)
}
