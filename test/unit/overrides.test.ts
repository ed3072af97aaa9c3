import { expect, it } from 'vitest'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import histogram from '../../src/lab/worker/histogram.wgsl?raw'
import pictures from '../../src/scene/envs.wgsl?raw'
import { trainingModules } from '../support/modules'

/** The lengths of all arrays in `code`, as written. */
function arrayLengths(code: string): string[] {
  const text = code.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '')
  const lengths: string[] = []
  for (const { index, 0: start } of text.matchAll(/\barray\s*</g)) {
    let depth = 1
    let comma = -1
    let at = index + start.length
    for (; depth > 0 && at < text.length; at++) {
      if ('<('.includes(text[at])) depth++
      else if ('>)'.includes(text[at])) depth--
      else if (text[at] === ',' && depth === 1 && comma < 0) comma = at
    }
    if (comma >= 0)
      lengths.push(
        text
          .slice(comma + 1, at - 1)
          .replace(/,\s*$/, '')
          .trim(),
      )
  }
  return lengths
}

/** Lengths that are expressions of overrides: naga, the compiler of Firefox and Deno, panics on them. A name alone is fine. */
function overrideExpressions(code: string): string[] {
  const overrides = new Set([...code.matchAll(/\boverride\s+(\w+)/g)].map(([, name]) => name))
  return arrayLengths(code).filter((length) => {
    if (/^\w+$/.test(length)) return false
    return [...length.matchAll(/[A-Za-z_]\w*/g)].some(([name]) => overrides.has(name))
  })
}

it('no array of a compiled module has an expression of overrides as its length', () => {
  let modules = 0
  let arrays = 0
  for (const { stem, code } of trainingModules()) {
    modules++
    arrays += arrayLengths(code).length
    expect(overrideExpressions(code), stem).toEqual([])
  }
  expect(modules).toBeGreaterThan(100)
  expect(arrays).toBeGreaterThan(modules)
  for (const code of [pictures, histogram]) expect(overrideExpressions(code)).toEqual([])
})

it('finds such a length however it is written', () => {
  const head = 'override TILE: u32 = 8;\noverride SUMS: u32 = 4;\nconst WIDTH = 2u;\noverride ALL: u32 = TILE * SUMS;\n'
  const lengthOf = (type: string) => overrideExpressions(`${head}var<workgroup> a: ${type};`)
  expect(lengthOf('array<vec4f, TILE * SUMS>')).toEqual(['TILE * SUMS'])
  expect(lengthOf('array<vec4<f32>, TILE + 1u>')).toEqual(['TILE + 1u'])
  expect(lengthOf('array< array<f32, 4>, (TILE) >')).toEqual(['(TILE)'])
  expect(lengthOf('array<array<f32, 2u * SUMS>, 4>')).toEqual(['2u * SUMS'])
  expect(lengthOf('array<f32, max(TILE, 4u)>')).toEqual(['max(TILE, 4u)'])
  for (const fine of ['array<vec4f, ALL>', 'array<vec4f, TILE>', 'array<f32, WIDTH * 4u>', 'array<f32>']) {
    expect(lengthOf(fine), fine).toEqual([])
  }
})

/** What the networks of a run without privileged observations see. */
const SIGHT = { PRIVILEGED: 0, SAME_SIGHT: 1 }

it('would have found the one that ended Firefox', () => {
  const before = SHADERS.get('shaders/fused_gradient.wgsl')!.replace(
    'array<vec4f, ALL_ROW_SUMS>',
    'array<vec4f, TILE * ROW_SUMS>',
  )
  const slots = Object.fromEntries(
    ['record', 'shape', 'dist', 'shuffle'].map((name) => [name, { file: name, source: '', numbers: SIGHT }]),
  )
  const { code } = link(
    'shaders/fused_gradient.wgsl',
    new Map(SHADERS).set('shaders/fused_gradient.wgsl', before),
    slots,
  )
  expect(overrideExpressions(code)).toEqual(['TILE * ROW_SUMS'])
})
