/** Deno: its compiler, naga, which is also Firefox's, takes the kernels; and the library trains in it, to the same bits. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dist } from '../../harness/build/files.js'
import { buildLibrary } from '../../harness/build/library.js'
import { type Deno, openDeno, printed } from './deno'
import { everyPipeline } from './pipelines'

/** The kernels that naga does not take, because it knows no subgroups. They are only for SwiftShader in Chrome and dawn.node. */
const NEED_SUBGROUPS = ['quad_rollout', 'quad_gradient']

let deno: Deno
beforeAll(() => {
  deno = openDeno()
})
afterAll(() => deno?.close())

describe('naga', () => {
  it('compiles every pipeline with its constants, but those that need subgroups', async () => {
    const pipelines = everyPipeline()
    const without = pipelines.filter(({ stem }) => !NEED_SUBGROUPS.includes(stem))
    const wrong = await deno.compile(without)
    expect(without.flatMap(({ stem, name }, i) => (wrong[i] ? [`${stem}, ${name}: ${wrong[i]}`] : []))).toEqual([])
    expect(without.length).toBeGreaterThan(100)

    // An exception that compiles is none any more: take it off the list.
    const exceptions = pipelines.filter(({ stem }) => NEED_SUBGROUPS.includes(stem))
    expect([...new Set(exceptions.map(({ stem }) => stem))].sort()).toEqual(NEED_SUBGROUPS.toSorted())
    for (const refusal of await deno.compile(exceptions))
      expect(refusal).toMatch(/`subgroups` .*not yet (supported|implemented)/)
  })

  it('control: what it refuses, and what no compiler takes, is noticed; the next pipelines are compiled all the same', async () => {
    const good = everyPipeline().find(({ stem }) => stem === 'adam')!
    const bare = { ...good, stem: 'main', storage: [], constants: {} }
    const pointer = {
      ...bare,
      code: `alias Three = array<f32, 3>;
struct S { three: array<f32, 3> }
fn f(p: ptr<function, Three>) -> f32 { return (*p)[0]; }
@compute @workgroup_size(1) fn main() { var s: S; let x = f(&s.three); }`,
    }
    // Both are found where the constants get their values: one is refused, and at the other naga panics.
    const constant = { ...good, constants: { ...good.constants, NOT_THERE: 1 } }
    const length = {
      ...bare,
      code: `override A = 2u;
var<workgroup> w: array<u32, A * 3u>;
override C = 2u;
const D = 3u;
@compute @workgroup_size(C) fn main() { w[0] = D; }`,
    }
    const wrong = await deno.compile([good, pointer, { ...bare, code: 'fn' }, constant, length, good])
    expect(wrong[0]).toBeNull()
    expect(wrong[1]).toContain("doesn't match the type")
    expect(wrong[2]).toContain('expected')
    expect(wrong[3]).toContain('NOT_THERE')
    expect(wrong[4]).toBe('it ended the process')
    expect(wrong[5]).toBeNull()
  })
})

describe('the built library', () => {
  beforeAll(() => buildLibrary())
  const sizes = { numEnvs: 8, numSteps: 32, numMinibatches: 2, updateEpochs: 2, totalTimesteps: 2048, hidden: [32, 32] }

  it.each(['layered', 'fused'])('trains CartPole by the %s plan to the bits of dawn.node', async (plan) => {
    const args = [
      join(import.meta.dirname, 'train.js'),
      join(dist, 'index.js'),
      JSON.stringify({ ...sizes, plan, seed: 7 }),
    ]
    const inDeno = JSON.parse(await deno.run(args[0], ...args.slice(1)))
    const inNode = JSON.parse(await printed(process.execPath, args, { ...process.env, ...deno.vulkan.env }))
    expect(inDeno).toMatchObject({ plan, software: true, finite: true, weights: inNode.weights })
    expect(inDeno.rows).toEqual(inNode.rows)
    expect(inDeno.rows.at(-1)).toMatchObject({ timesteps: 2048 })
    for (const { adapter } of [inDeno, inNode]) expect(adapter).toMatch(/swiftshader/i)
    expect(inNode).toMatchObject({ plan, software: true })
  })
})
