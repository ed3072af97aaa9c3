/** What the tests on a device with the ordinary limits share. */
import { expect } from 'vitest'
import { type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { trainInPage } from '../support/train'

export const FORMS: [name: string, options: PpoOptions, withoutSubgroups: boolean][] = [
  ['layered', { plan: 'layered' }, false],
  ['fused, by quads', { plan: 'fused', hidden: [8, 8] }, false],
  ['fused, by tiles', { plan: 'fused' }, true],
]

/** Trains an iteration on such a device. A pipeline or a buffer beyond its limits would fail. */
export async function trainOnce(spec: EnvSpec, options: PpoOptions, withoutSubgroups: boolean): Promise<void> {
  const small = {
    numEnvs: 4,
    numSteps: 8,
    numMinibatches: 2,
    updateEpochs: 1,
    totalTimesteps: 32,
    stopWhenSolved: false,
  }
  const config = resolveConfig(presetOptions(spec, 'default'), { ...small, ...options }, spec)
  const { twin: _, ...data } = spec
  const args = { env: spec.id, spec: data, config, withoutSubgroups, sharedDevice: false, ordinaryLimits: true }
  const { rows, params } = await trainInPage(args)
  expect(rows.map((agent) => agent.map(({ updates }) => updates))).toEqual(rows.map(() => [2]))
  expect(params.every(Number.isFinite)).toBe(true)
}
