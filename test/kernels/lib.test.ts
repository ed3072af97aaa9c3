import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import { makeRng, nextBlock, normalPair, STREAM, threefry2x32, toUnit } from '../../src/env/rng'
import type { Slot } from '../../src/gpu/link'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { gpu } from '../support/gpu'
import { expectClose, runKernel } from '../support/kernel'

/** A kernel defined in this file: `body` computes `result` (vec4u) from `x` (vec4u), for every entry of the input. */
function probe(imports: string[], body: string): Record<string, Slot> {
  const source = `${imports.map((path) => `//#import "shaders/lib/${path}.wgsl"`).join('\n')}
struct Args { count: u32, }
@group(0) @binding(0) var<storage, read> inputs: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> results: array<vec4u>;
@group(1) @binding(0) var<uniform> args: Args;
@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= args.count) { return; }
  let x = inputs[id.x];
  var result = vec4u();
  ${body}
  results[id.x] = result;
}
`
  return { 'shaders/probe.wgsl': { file: 'test/kernels/lib.test.ts', source } }
}

async function runProbe(slots: Record<string, Slot>, inputs: Uint32Array): Promise<Uint32Array> {
  const count = inputs.length / 4
  const buffers = { inputs, results: new Uint32Array(inputs.length).fill(0x7fc00000) }
  const run = { stem: 'probe', slots, args: { count }, buffers, outputs: ['results'] }
  return (await runKernel({ ...run, workgroups: [Math.ceil(count / 64), 1, 1] })).results
}

/** The first of every four words. */
const firsts = (words: Uint32Array): Float32Array => new Float32Array(words.buffer).filter((_, i) => i % 4 === 0)

/** `xs` as the first of every four words, f32. */
function floats(xs: ArrayLike<number>): Uint32Array {
  const data = new Float32Array(xs.length * 4)
  for (let i = 0; i < xs.length; i++) data[i * 4] = xs[i]
  return new Uint32Array(data.buffer)
}

describe('random numbers', () => {
  test('known answers of Threefry-2x32-20, and blocks of the twin', async () => {
    // Random123's kat_vectors: key, counter -> result.
    const known = [
      [0, 0, 0, 0],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
    ]
    const more = Array.from({ length: 62 }, (_, i) =>
      nextBlock(makeRng(i, i, 2, i)).concat(nextBlock(makeRng(i, 1, 3, i))),
    )
    const inputs = Uint32Array.from([...known, ...more].flat())
    const results = await runProbe(probe(['rng'], 'result = vec4u(threefry2x32(x.xy, x.zw), 0u, 0u);'), inputs)
    const block = (i: number) => [results[i * 4], results[i * 4 + 1]]
    expect(block(0)).toEqual([0x6b200159, 0x99ba4efe])
    expect(block(1)).toEqual([0x1cb996fc, 0xbb002be7])
    expect(block(2)).toEqual([0xc4923a9c, 0x483df7a0])
    for (let i = 0; i < inputs.length / 4; i++) {
      const [k0, k1, c0, c1] = inputs.subarray(i * 4)
      expect(block(i)).toEqual(threefry2x32(k0, k1, c0, c1))
    }
  })

  test('draws, uniforms and streams are the integers of the twin', async () => {
    // x: seed, step, stream, env; the second draw, as a uniform, and its two words.
    const cases = Array.from({ length: 200 }, (_, i) => [0xffffffff - i, i * 77777, i % 4, (i * 5003) % 2 ** 20])
    const body = `var rng = make_rng(x.x, x.y, x.z, x.w);
  let first = rng_uniform(&rng);
  let second = rng_bits(&rng);
  result = vec4u(bitcast<u32>(first), second, rng.draw);`
    const results = await runProbe(probe(['rng'], body), Uint32Array.from(cases.flat()))
    const expected = cases.flatMap(([seed, step, stream, env]) => {
      const rng = makeRng(seed, step, stream, env)
      const first = new Uint32Array(Float32Array.of(toUnit(nextBlock(rng)[0])).buffer)[0]
      return [first, ...nextBlock(rng), 2]
    })
    expect([...results]).toEqual(expected)
  })

  test('normal numbers', async () => {
    const count = 4000
    const inputs = new Uint32Array(count * 4).map((_, i) => (i % 4 === 0 ? Math.floor(i / 4) : 0))
    const body = `var rng = make_rng(9u, x.x, STREAM_ACTION, 3u);
  result = vec4u(bitcast<vec2u>(rng_normal_pair(&rng)), 0u, 0u);`
    const results = new Float32Array((await runProbe(probe(['rng'], body), inputs)).buffer)
    const got: number[] = []
    const expected: number[] = []
    for (let i = 0; i < count; i++) {
      const rng = makeRng(9, i, STREAM.ACTION, 3)
      // Near u = 0 the radius has few digits, because log(1 - u) has: see sample.test.ts.
      const small = toUnit(nextBlock({ ...rng })[0]) < 1e-3
      if (small) continue
      got.push(results[i * 4], results[i * 4 + 1])
      expected.push(...normalPair(rng))
    }
    // log(1 - u) within 2^-21, halved by the root of a radius of at least 0.045; sincos within 1e-7 of an angle that
    // is rounded to 2e-7.
    expectClose('rng_normal_pair', got, expected, { atol: 1e-5, dims: { pair: got.length / 2, half: 2 } })
  })
})

describe('functions', () => {
  test('sincos: 1e-7 up to |x| = 10000', async () => {
    const xs = Float32Array.from({ length: 40_000 }, (_, i) =>
      i < 20_000 ? (i / 10_000 - 1) * 10 : (i / 15_000 - 2) * 15_000,
    )
    const results = new Float32Array(
      (
        await runProbe(
          probe(['sincos'], 'result = vec4u(bitcast<vec2u>(sincos(bitcast<f32>(x.x))), 0u, 0u);'),
          floats(xs),
        )
      ).buffer,
    )
    // 1e-7, as the module states, and 1e-14 |x|.
    expectClose(
      'sin',
      xs.map((_, i) => results[i * 4]),
      Float64Array.from(xs, Math.sin),
      { atol: 1.2e-7 },
    )
    expectClose(
      'cos',
      xs.map((_, i) => results[i * 4 + 1]),
      Float64Array.from(xs, Math.cos),
      { atol: 1.2e-7 },
    )
  })

  test('tanh: 3.3e-7 everywhere, never beyond 1', async () => {
    const xs = Float32Array.from({ length: 40_000 }, (_, i) => {
      const t = i / 20_000 - 1
      return i % 4 === 0
        ? t * 10
        : i % 4 === 1
          ? t ** 7
          : i % 4 === 2
            ? t * 1e4
            : Math.sign(t) * 10 ** (76 * Math.abs(t) - 38)
    })
    const results = firsts(
      await runProbe(probe(['tanh'], 'result = bitcast<vec4u>(tanh4(bitcast<vec4f>(x)));'), floats(xs)),
    )
    const expected = Float64Array.from(xs, Math.tanh)
    expectClose('tanh', results, expected, { atol: 3.3e-7 })
    // And relative to its size, where that is a normal number.
    const normal = [...xs.keys()].filter((i) => Math.abs(xs[i]) > 1e-30)
    expectClose(
      'tanh (relative)',
      normal.map((i) => results[i]),
      normal.map((i) => expected[i]),
      { rtol: 5e-7 },
    )
    expect(results.every((y) => Math.abs(y) <= 1)).toBe(true)
  })

  test('elu and its derivative from its output: right to 5e-7, finite everywhere', async () => {
    const xs = Float32Array.from({ length: 4001 }, (_, i) => {
      const t = i / 2000 - 1
      return i % 2 === 0 ? 20 * t : Math.sign(t) * 10 ** (70 * Math.abs(t) - 32)
    })
    const body = `let y = activate(bitcast<vec4f>(x), ELU);
  result = bitcast<vec4u>(vec4f(y.x, d_activate(y, ELU).x, 0.0, 0.0));`
    const results = new Float32Array((await runProbe(probe(['network/activation'], body), floats(xs))).buffer)
    const got = (part: number) => xs.map((_, i) => results[4 * i + part])
    const want = (f: (x: number) => number) => Float64Array.from(xs, f)
    expectClose(
      'elu',
      got(0),
      want((x) => (x > 0 ? x : Math.expm1(x))),
      { atol: 5e-7 },
    )
    expectClose(
      "elu'",
      got(1),
      want((x) => Math.exp(Math.min(x, 0))),
      { atol: 5e-7 },
    )
  })

  test('silu and its derivative: right to 1e-6 of x, finite everywhere', async () => {
    const xs = Float32Array.from({ length: 4001 }, (_, i) => {
      const t = i / 2000 - 1
      return i % 2 === 0 ? 20 * t : Math.sign(t) * 10 ** (70 * Math.abs(t) - 32)
    })
    const body = `let v = bitcast<vec4f>(x);
  result = bitcast<vec4u>(vec4f(activate(v, SILU).x, d_activate(v, SILU).x, 0.0, 0.0));`
    const results = new Float32Array((await runProbe(probe(['network/activation'], body), floats(xs))).buffer)
    const got = { y: xs.map((_, i) => results[4 * i]), slope: xs.map((_, i) => results[4 * i + 1]) }
    const s = (x: number) => 1 / (1 + Math.exp(-x))
    const near = [...xs.keys()].filter((i) => Math.abs(xs[i]) < 1e6)
    const pick = (values: ArrayLike<number>) => near.map((i) => values[i])
    const want = {
      y: pick(Float64Array.from(xs, (x) => x * s(x))),
      slope: pick(Float64Array.from(xs, (x) => s(x) + x * s(x) * (1 - s(x)))),
    }
    // exp is right to 3 + 2 |x| ulp, and its argument decays faster than that grows.
    expectClose('silu', pick(got.y), want.y, { atol: 1e-6, rtol: 1e-6 })
    expectClose("silu'", pick(got.slope), want.slope, { atol: 3e-6 })
    // Far out: 0 and x, with slopes 0 and 1.
    xs.forEach((x, i) => {
      if (Math.abs(x) < 100) return
      expect(got.y[i]).toBeCloseTo(Math.max(x, 0), 30)
      expect(got.slope[i]).toBeCloseTo(x > 0 ? 1 : 0, 30)
    })
    expect(xs.filter((x) => Math.abs(x) > 1e30).length).toBeGreaterThan(100)
  })

  test('is_finite goes by bits', async () => {
    const words = [0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffffffff, 0x7f7fffff, 0xff7fffff, 1, 0, 0x80000000]
    const inputs = Uint32Array.from(words.flatMap((word) => [word, 0, 0, 0]))
    const results = await runProbe(
      probe(['data/agent'], 'result.x = select(0u, 1u, is_finite(bitcast<f32>(x.x)));'),
      inputs,
    )
    expect([...results].filter((_, i) => i % 4 === 0)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
  })
})

describe('sources that do not compile', () => {
  const shape = networkShape(cartPole, resolveConfig({}, {}))
  const run = (slots: Record<string, Slot>) =>
    runKernel({
      stem: 'observe_envs',
      slots: { ...policySlots(shape), ...envSlots(cartPole), ...slots },
      args: { numEnvs: 1, numSteps: 1, stopStride: 1, isFirst: 0 },
      buffers: {
        stop: new Uint32Array(4),
        env_states: new Uint32Array(4),
        transitions: new Float32Array(99),
        ...{ hyper: new Uint32Array(256), progress: new Uint32Array(64), episodes: new Uint32Array(64) },
      },
      outputs: [],
      workgroups: [1, 1, 1],
    })

  test("an environment's mistake is reported at its author's file and line", async () => {
    const lines = cartPole.wgsl.split('\n')
    const at = lines.findIndex((line) => line.includes('state.x = '))
    lines[at] = '  state.x = nonsense(rng);'
    const broken = { file: 'my/pole.wgsl', source: lines.join('\n') }
    await expect(run({ env: broken })).rejects.toThrow(`my/pole.wgsl:${at + 1}:13`)
    await expect(run({ env: broken })).rejects.toThrow('observe_envs does not compile')
    await expect(run({ env: broken })).rejects.toThrow('state.x = nonsense(rng);')
  })

  test('a name declared twice and a missing slot are found before the compiler sees them', async () => {
    const twice = `${cartPole.wgsl}\nstruct StepResult {\n  x: f32,\n}\n`
    await expect(run({ env: { file: 'my/pole.wgsl', source: twice } })).rejects.toThrow(
      /my\/pole\.wgsl:\d+: StepResult is declared twice, first at shaders\/lib\/env\.wgsl:\d+/,
    )
    await expect(run({ env: { file: 'my/pole.wgsl', source: '//#import "physics"' } })).rejects.toThrow(
      'my/pole.wgsl:1: unknown import "physics"',
    )
  })

  test('after an error the device still works', async () => {
    await expect(run({})).resolves.toEqual({})
    expect((await gpu()).facts.vendor).not.toBe('')
  })
})
