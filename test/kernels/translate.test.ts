/** Pictures in JavaScript, translated from WGSL, against the GPU's, for every environment. */
import { expect, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import type { EnvSpec } from '../../src/env/contract'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { numberOf, stateWords, writeWord } from '../../src/envcheck/state'
import { link } from '../../src/gpu/link'
import { reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { RUNTIME } from '../../src/translate/runtime'
import { countIn, translate } from '../../src/translate/translate'
import { expectClose, randomNumbers, runKernel } from '../support/kernel'

const FLOATS = 20

/** Writes the parts of every state: shapes in 10 floats, polygons in 20. */
const probe = (hasPolygons: boolean): string => `//#import "env"
//#import "params_hyper"
//#import "params"
struct Args { count: u32 }
@group(0) @binding(0) var<storage, read> env_states: array<EnvState>;
@group(0) @binding(1) var<storage, read_write> results: array<array<f32, ${FLOATS}>>;
@group(1) @binding(0) var<uniform> args: Args;
${hasPolygons ? '' : 'const NUM_POLYGONS = 0u;\nfn env_polygon(state: EnvState, i: u32) -> Polygon { return Polygon(); }'}
@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3u) {
  const PARTS = NUM_POLYGONS + NUM_SHAPES;
  if (id.x >= args.count) { return; }
  use_params(0u, 0u, 0u, 0u);
  let part = id.x % PARTS;
  var out: array<f32, ${FLOATS}>;
  if (part < NUM_POLYGONS) {
    let p = env_polygon(env_states[id.x / PARTS], part);
    var corners = p.corners;
    for (var k = 0u; k < 6u; k++) { out[2u * k] = corners[k].x; out[2u * k + 1u] = corners[k].y; }
    for (var k = 0u; k < 4u; k++) { out[12u + k] = p.colour[k]; out[16u + k] = p.outline[k]; }
  } else {
    let s = env_shape(env_states[id.x / PARTS], part - NUM_POLYGONS);
    out[0] = s.centre.x; out[1] = s.centre.y; out[2] = s.half_size.x; out[3] = s.half_size.y; out[4] = s.angle;
    out[5] = s.rounding;
    for (var k = 0u; k < 4u; k++) { out[6u + k] = s.colour[k]; }
  }
  results[id.x] = out;
}
`

/** States of episodes with random actions, as the twin has them: every fifth one, rounded to f32 by the caller. */
function statesOf(spec: EnvSpec, wanted: number): unknown[] {
  const twin = spec.twin!
  const random = randomNumbers(3)
  const space = spec.actionSpace
  const states: unknown[] = []
  for (let env = 0; states.length < wanted; env++) {
    const state = twin.reset(makeRng(5, 0, STREAM.ENV_RESET, env), defaultParams(spec))
    for (let step = 0; step < 30 && states.length < wanted; step++) {
      if (step % 5 === 0) states.push(structuredClone(state))
      const action =
        space.kind === 'box'
          ? space.low.map((low, j) => low + (space.high[j] - low) * (0.5 + 0.5 * random()))
          : [Math.floor((0.5 + 0.5 * random()) * (space as { n: number }).n)]
      if (twin.step(state, action, makeRng(5, step, STREAM.ENV_STEP, env), defaultParams(spec)).terminated) break
    }
  }
  return states
}

interface Parts {
  env_shape(state: unknown, i: number): Record<string, number[] | number>
  env_polygon(state: unknown, i: number): { corners: number[][]; colour: number[]; outline: number[] }
}

/** One id for each source: variants draw the same. */
const DRAWN = ENVS.filter((spec, i) => ENVS.findIndex(({ wgslFile }) => wgslFile === spec.wgslFile) === i)

test.each(DRAWN.map((spec) => [spec.id, spec] as const))('%s', async (_, spec) => {
  const slots = envSlots(spec)
  const { code } = link('env', SHADERS, slots)
  const [polygons, shapes] = ['NUM_POLYGONS', 'NUM_SHAPES'].map((name) => countIn(code, name))
  const parts = polygons + shapes
  const words = stateWords(code)
  const size = reflectStruct(code, 'EnvState').size / 4
  const states = statesOf(spec, 12)
  const data = new Uint32Array(states.length * size)
  for (const [k, state] of states.entries()) {
    for (const word of words) writeWord(word, data, k * size, numberOf(state, word) ?? 0)
  }
  const source = probe(polygons > 0)
  const file = { file: 'test/kernels/translate.test.ts', source }
  const count = states.length * parts
  const { results } = await runKernel({
    stem: 'probe',
    slots: { ...slots, 'shaders/probe.wgsl': file },
    args: { count },
    buffers: {
      env_states: data,
      results: new Float32Array(count * FLOATS).fill(Number.NaN),
      ...(spec.params ? { hyper: paramRecords(link('params_hyper', SHADERS, slots).code, spec, {}) } : {}),
    },
    outputs: ['results'],
    workgroups: [Math.ceil(count / 64), 1, 1],
  })
  const text = translate(code, [...(polygons > 0 ? ['env_polygon'] : []), 'env_shape'])
  const drawn: Parts = new Function(`return ${text}`)()(RUNTIME)
  const expected = states.flatMap((state) =>
    Array.from({ length: parts }, (_, part) => {
      const p = part < polygons ? drawn.env_polygon(state, part) : drawn.env_shape(state, part - polygons)
      const numbers = Object.values(p).flat(2) as number[]
      return [...numbers, ...Array<number>(FLOATS - numbers.length).fill(0)]
    }),
  )
  // f32 against float64, of places up to some metres.
  expectClose(`${spec.id}.parts`, results, expected.flat(), {
    atol: 2e-5,
    rtol: 2e-6,
    dims: { state: 12, part: parts, float: FLOATS },
  })
  expect(expected.flat().some((x) => x !== 0)).toBe(true)
  // The comparison notices a shape that is moved a little.
  const moved = expected.flat().map((x, i) => (i === FLOATS * polygons ? x + 1e-3 : x))
  expect(() => expectClose('moved', results, moved, { atol: 2e-5, rtol: 2e-6 })).toThrow('moved')
})
