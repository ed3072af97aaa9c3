/**
 * Every environment trains an iteration on a device with the limits that every adapter has, in each form. Of those that
 * have the same kernels, as versions of one environment do, the one with the longest observation.
 */
import { describe, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { type EnvSpec, isPacked, obsDim } from '../../src/env/contract'
import { FORMS, trainOnce } from './portable'

const kernelsOf = ({ wgsl, actionSpace }: EnvSpec): string => JSON.stringify([wgsl, actionSpace.kind])
const longest = new Map<string, EnvSpec>()
for (const spec of ENVS) {
  const other = longest.get(kernelsOf(spec))
  if (!other || obsDim(other) < obsDim(spec)) longest.set(kernelsOf(spec), spec)
}

describe.each(FORMS)('%s', (_, form, withoutSubgroups) => {
  // Packed observations train in the layered plan alone.
  const envs = [...longest.values()].filter((spec) => form.plan === 'layered' || !isPacked(spec))
  test.each(envs.map((spec) => [spec.id, spec] as const))('%s', (_, spec) => trainOnce(spec, form, withoutSubgroups))
})
