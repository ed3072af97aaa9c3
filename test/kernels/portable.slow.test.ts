/** Every environment trains an iteration on a device with the limits that every adapter has, in each form. */
import { describe, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { FORMS, trainOnce } from './portable'

describe.each(FORMS)('%s', (_, form, withoutSubgroups) => {
  test.each(ENVS.map((spec) => [spec.id, spec] as const))('%s', (_, spec) => trainOnce(spec, form, withoutSubgroups))
})
