/** Every environment trains an iteration on a device with the limits that every adapter has, in each form. */
import { describe, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { isPacked } from '../../src/env/contract'
import { FORMS, trainOnce } from './portable'

describe.each(FORMS)('%s', (_, form, withoutSubgroups) => {
  // Packed observations train in the layered plan alone.
  const envs = ENVS.filter((spec) => form.plan === 'layered' || !isPacked(spec))
  test.each(envs.map((spec) => [spec.id, spec] as const))('%s', (_, spec) => trainOnce(spec, form, withoutSubgroups))
})
