/** Which kernels a run gets: src/plan/choice.ts. */
import type { AdapterClass } from '../../../src/plan/adapterclass'
import { CHOICES, type Form, GRID_CHOICES } from '../../../src/plan/choice'
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
  grid: `${code('grid_rollout')}, fused plan, with layered updates`,
  layers: `${code('dense_*')} and others, layered plan`,
}

export function formTable(): string {
  const rows = (Object.entries(CHOICES) as [AdapterClass, (typeof CHOICES)[AdapterClass]][]).flatMap(
    ([name, choices]) => [
      ...choices.map(({ form, when, why }, i) => [CLASSES[name], i > 0 ? 'others' : when, FORMS[form], why]),
      gridRow(name),
    ],
  )
  return table(['adapter', 'networks', 'form', 'why'], rows)
}

/** Of the runs that have no other fused form. */
function gridRow(name: AdapterClass): string[] {
  const { most, why } = GRID_CHOICES[name]
  const upTo = most > 0 ? `, up to ${most.toLocaleString('en')} environments` : ''
  return [CLASSES[name], `on packed observations${upTo}`, FORMS[most > 0 ? 'grid' : 'layers'], why]
}
