/** Runs the checked form of an environment, which finds indices outside of what they go into. */
import { type EnvSpec, hasMask, isPacked } from '../env/contract'
import { gridWords } from '../env/grid'
import { link } from '../gpu/link'
import { SHADERS } from '../gpu/shaders'
import { constantOf } from '../wgsl/constants'
import { type IndexUse, indexUses } from '../wgsl/indexing'
import type { Module } from '../wgsl/module'
import kernel from './check_indices.wgsl?raw'
import { circumstances, type Subject } from './kernel'
import { PARTS } from './picture'
import { type Source, sourceOf } from './source'
import type { EnvKernels, Resets, Step } from './transitions'

const STEM = 'check_indices'
const PATH = `shaders/${STEM}.wgsl`
/** Floats of records in one dispatch. */
const MOST_FLOATS = 2 ** 22

/** The checked form: its whole text, and what each index in it is. */
export interface CheckedForm {
  code: string
  /** Entry i has number i + 1. */
  uses: (IndexUse & { place: string })[]
  /** Places of indices that cannot be checked: what they go into is not known. */
  unknown: string[]
}

/** @param slots Those of the environment's kernels. */
export function checkedForm(source: Pick<Source, 'spec' | 'module'>, slots: EnvKernels['slots']): CheckedForm {
  const { spec, module } = source
  const look = { file: 'look (from src/envcheck/indices.ts)', source: lookAt(spec, module) }
  const linked = link(PATH, new Map([...SHADERS, [PATH, kernel]]), { ...slots, look })
  const { placeOf, isOwn } = sourceOf(spec, linked)
  const all = indexUses(linked.code, isOwn).map((use) => ({ ...use, place: placeOf(use.at) }))
  const uses = all.filter(({ count }) => count !== null)
  const edits = uses.flatMap(({ open, close, count }, i) => [
    { at: open, text: 'indexcheck_at(u32(' },
    { at: close, text: `), ${count}u, ${i + 1}u)` },
  ])
  let code = ''
  let from = 0
  for (const { at, text } of edits.sort((a, b) => a.at - b.at)) {
    code += linked.code.slice(from, at) + text
    from = at
  }
  // Everything is in it already.
  code = (code + linked.code.slice(from)).replace(/^(\s*)\/\/#/gm, '$1// ')
  return { code, uses, unknown: all.flatMap(({ count, place }) => (count === null ? [place] : [])) }
}

/** Calls everything that only looks at a state. */
function lookAt(spec: EnvSpec, module: Module): string {
  const drawn = PARTS.filter(({ count }) => module.named.has(count) && constantOf(module, count) > 0)
  return [
    '//#import "env"',
    'fn look_at(state: EnvState) {',
    isPacked(spec)
      ? `  for (var i = 0u; i < ${gridWords(spec).frameWords}u; i++) { _ = env_observe_word(state, i); }`
      : '  _ = env_observe(state);',
    ...(spec.privileged ? ['  _ = env_privileged(state);'] : []),
    ...(hasMask(spec) ? ['  _ = env_mask(state);'] : []),
    ...drawn.map(({ count, fn }) => `  for (var i = 0u; i < ${count}; i++) { _ = ${fn}(state, i); }`),
    '}',
  ].join('\n')
}

/** What was checked, for the report. */
export interface IndexCheck {
  checked: string[]
  notChecked: string[]
}

/** Every reset and step again, in the checked form; without such indices there is nothing to run. */
export async function checkIndices(
  subject: Subject,
  kernels: EnvKernels,
  resets: Resets,
  steps: readonly Step[],
  seed: number,
): Promise<IndexCheck> {
  const form = checkedForm(sourceOf(subject.spec), kernels.slots)
  const notChecked =
    form.unknown.length > 0
      ? [`indices at ${[...new Set(form.unknown)].join(', ')}: what they go into is not known. Write its type there`]
      : []
  if (form.uses.length === 0) return { checked: [], notChecked }
  const slots = { ...kernels.slots, [PATH]: { file: PATH, source: form.code } }
  const numEnvs = steps[0].rewards.length
  const note = (outside: Uint32Array, i: number, where: () => string): void => {
    const [number, value] = outside.subarray(2 * i, 2 * i + 2)
    if (number === 0) return
    const { text, place, count } = form.uses[number - 1]
    subject.findings.add('index', `${number}`, () => {
      // What is beyond 2^31 was a negative number.
      const index = value >= 2 ** 31 ? value - 2 ** 32 : value
      return (
        `${place}: the index of ${text} is ${index}, but there are ${count} elements, 0 to ${count! - 1}; ${where()}. Keep it ` +
        'inside: WGSL takes another element, or leaves the write out, without a word.'
      )
    })
  }
  const rows = resets.states.length / subject.stateSize / numEnvs
  const first = await kernels.runChecked(STEM, slots, { count: numEnvs, numEnvs, seed, isStep: 0 }, null, rows)
  for (let i = 0; i < rows * numEnvs; i++) {
    note(first, i, () => `first state of env ${i % numEnvs} with seed ${(seed + Math.floor(i / numEnvs)) >>> 0}`)
  }
  const perDispatch = Math.max(1, Math.floor(MOST_FLOATS / (numEnvs * kernels.recordFloats)))
  for (let t = 0; t < steps.length; t += perDispatch) {
    const part = steps.slice(t, t + perDispatch)
    const args = { count: part.length * numEnvs, numEnvs, seed: (seed + part[0].step) >>> 0, isStep: 1 }
    const outside = await kernels.runChecked(STEM, slots, args, part, 1)
    for (let i = 0; i < args.count; i++) {
      const [step, env] = [part[Math.floor(i / numEnvs)], i % numEnvs]
      note(outside, i, () => `step ${step.step}, env ${env}, ${circumstances(subject, step, env)}`)
    }
  }
  return { checked: [`${form.uses.length} indices that are computed, in every reset and step`], notChecked }
}
