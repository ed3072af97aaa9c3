/** Which kernels a run gets: src/plan/choice.ts. */
import type { AdapterClass } from '../../../src/plan/adapterclass'
import { CHOICES, type Form } from '../../../src/plan/choice'
import { code, table } from '../markdown'

const CLASSES: Record<AdapterClass, string> = {
  swiftshader: 'SwiftShader with subgroups',
  lavapipe: 'lavapipe with subgroups',
  software: 'other software: WARP, without subgroups',
  hardware: 'hardware',
}
const FORMS: Record<Form, string> = {
  quads: `${code('quad_*')}, fused plan`,
  tiles: `${code('fused_*')}, fused plan`,
  layers: `${code('dense_*')} and others, layered plan`,
}

export function formTable(): string {
  const rows = Object.entries(CHOICES).flatMap(([name, choices]) =>
    choices.map(({ form, when, why }, i) => [CLASSES[name as AdapterClass], i > 0 ? 'others' : when, FORMS[form], why]),
  )
  return table(['adapter', 'networks', 'form', 'why'], rows)
}
