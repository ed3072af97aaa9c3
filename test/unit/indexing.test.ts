/** Where WGSL uses an index that is not a constant, and how many elements there are. */
import { expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import type { EnvSpec } from '../../src/env/contract'
import { builtInNotes } from '../../src/envcheck/builtins'
import { checkedForm } from '../../src/envcheck/indices'
import { sourceOf } from '../../src/envcheck/source'
import { envSlots } from '../../src/plan/kernels'
import { indexUses } from '../../src/wgsl/indexing'
import { driftEnv } from '../kernels/envs'

const HEAD = `
const N = 5u;
const TABLE = array<f32, N + 1u>(0.0, 1.0, 2.0, 3.0, 4.0, 5.0);
const SHORT = array(1u, 2u, 3u);
alias Grid = array<array<u32, 7>, 9>;
struct Leg { angle: f32, joints: array<vec2f, 4> }
struct State { grid: Grid, legs: array<Leg, 2>, v: vec3f, m: mat4x3f }
fn leg_of(s: State) -> Leg { return s.legs[0]; }
fn make() -> array<f32, 8> { return array<f32, 8>(); }
`

/** `text count` of every use in a function with these statements. */
const uses = (body: string, parameters = 's: ptr<function, State>, g: Grid, i: u32'): string[] =>
  indexUses(`${HEAD}fn f(${parameters}) {\n${body}\n}`, () => true).map(({ text, count }) => `${text} ${count}`)

test.each<[string, string, string[]]>([
  ['a constant', 'let a = TABLE[N]; let b = TABLE[2u * N - 3u]; let c = SHORT[1];', []],
  ['a table', 'let a = TABLE[i]; let b = SHORT[i];', ['TABLE[i] 6', 'SHORT[i] 3']],
  ['nested arrays, read and written', 'g[i][i + 1u] = 2u;', ['g[i] 9', 'g[i][i + 1u] 7']],
  ['an index in an index', 'let a = TABLE[SHORT[i]];', ['TABLE[SHORT[i]] 6', 'SHORT[i] 3']],
  [
    'members, through a pointer',
    '(*s).grid[i][2] = 1u; s.legs[i].joints[i].x = 0.0; let p = &(*s).legs; (*p)[i].angle = 1.0; p[i].angle += 1.0;',
    ['(*s).grid[i] 9', 's.legs[i] 2', 's.legs[i].joints[i] 4', '(*p)[i] 2', 'p[i] 2'],
  ],
  [
    'vectors and matrices',
    'let a = s.v[i]; let b = s.m[i]; let c = s.m[1][i];',
    ['s.v[i] 3', 's.m[i] 4', 's.m[1][i] 3'],
  ],
  ['components', 'let a = s.v.xy[i]; let b = vec4f(1.0)[i];', ['s.v.xy[i] 2', 'vec4f(1.0)[i] 4']],
  [
    'results of functions',
    'let a = make()[i]; let b = leg_of(*s).joints[i];',
    ['make()[i] 8', 'leg_of(*s).joints[i] 4'],
  ],
  ['a constructor', 'let a = array<f32, 3>(1.0, 2.0, 3.0)[i];', ['array<f32, 3>(1.0, 2.0, 3.0)[i] 3']],
  ['a declared local', 'var a: array<f32, N>; a[i] = 1.0;', ['a[i] 5']],
  ['an inferred local', 'let q = *s; var a = q.legs[1].joints; a[i].x += 1.0;', ['a[i] 4']],
  [
    'locals of several scopes',
    'var a = array<f32, 2>(); { var a: array<f32, 3>; a[i] = 1.0; } a[i] = 2.0; for (var a = array(1, 2, 3, 4); i < 3u; ) { a[i] = 1; } a[i] = 3.0;',
    ['a[i] 3', 'a[i] 2', 'a[i] 4', 'a[i] 2'],
  ],
  ['a local that hides a constant', 'let N = i; let a = TABLE[N];', ['TABLE[N] 6']],
  ['the name that is being declared', 'let s = s.v; let a = s[i];', ['s[i] 3']],
  ['a constant of a function', 'const K = 2u; const a = TABLE[K]; let b = TABLE[K];', ['TABLE[K] 6']],
  ['loops', 'for (var k = 0u; k < N; k++) { g[k][k] = 0u; }', ['g[k] 9', 'g[k][k] 7']],
  ['what joins vectors is not known', 'let w = s.v * 2.0 + vec3f(1.0); let a = w[i];', ['w[i] null']],
  ['select and the like', 'let a = select(s.v, vec3f(), true)[i];', ['select(s.v, vec3f(), true)[i] 3']],
  [
    'comments',
    'g[i /* [0] */][/* x */ i] = 1u; // g[i]',
    ['g[i /* [0] */] 9', 'g[i /* [0] */][/* x */ i] 7'].map((x) => x.replace(/ ?\/\*.*?\*\/ ?/g, '')),
  ],
])('%s', (_, body, expected) => {
  expect(uses(body).map((text) => text.replaceAll(' ', ''))).toEqual(expected.map((text) => text.replaceAll(' ', '')))
})

test('only in the functions that are wanted', () => {
  const source = `${HEAD}fn f(i: u32) -> f32 { return TABLE[i]; }\nfn g(i: u32) -> f32 { return TABLE[i]; }`
  expect(indexUses(source, (at) => at >= source.indexOf('fn g'))).toMatchObject([{ at: source.lastIndexOf('TABLE') }])
})

const withStep = (replacement: string): EnvSpec =>
  ({
    ...driftEnv,
    wgsl: driftEnv.wgsl.replace('let s = *state;', `let s = *state;\n  ${replacement}`),
    wgslFile: 'my/drift.wgsl',
  }) as unknown as EnvSpec

test('the checked form of an environment has calls around its own indices, at their places', () => {
  const spec = withStep('var seen: array<f32, 4>;\n  seen[u32(s.count)] = 1.0;')
  const { code, uses, unknown } = checkedForm(sourceOf(spec), envSlots(spec))
  expect(unknown).toEqual([])
  expect(uses).toMatchObject([{ text: 'seen[u32(s.count)]', count: 4, place: 'my/drift.wgsl:16' }])
  expect(code).toContain('  seen[indexcheck_at(u32(u32(s.count)), 4u, 1u)] = 1.0;\n')
  expect(code).not.toMatch(/^\/\/#/m)
})

test.each(['LunarLander-v3', 'Acrobot-v1', 'HalfCheetah-v5'])('%s has no index that cannot be checked', (id) => {
  const spec = findEnv(id)
  const { unknown } = checkedForm(sourceOf(spec), envSlots(spec))
  expect(unknown).toEqual([])
})

test('built-in functions that differ from GPU to GPU are noted at every line, and their replacement', () => {
  const spec = withStep('let a = sin(s.x) + tanh(s.x);\n  let b = cos(s.x) * sin(2.0 * s.x) + exp(s.x);')
  expect(builtInNotes(sourceOf(spec))).toEqual([
    "my/drift.wgsl:15, my/drift.wgsl:16: WGSL's own sin differs from GPU to GPU; it may be wrong by 2^-11, and only from -pi to pi: " +
      'import "shaders/lib/sincos.wgsl" and write sincos(x).x',
    "my/drift.wgsl:15: WGSL's own tanh differs from GPU to GPU; it is not finite on some GPUs above 88: import " +
      '"shaders/lib/tanh.wgsl" and write tanh1(x), or tanh4(x) for a vec4f',
    "my/drift.wgsl:16: WGSL's own cos differs from GPU to GPU; it may be wrong by 2^-11, and only from -pi to pi: import " +
      '"shaders/lib/sincos.wgsl" and write sincos(x).y',
  ])
  expect(builtInNotes(sourceOf(withStep('// sin(x)\n  let sine = s.x;')))).toEqual([])
  // A function of the author's own of that name is none.
  const own = withStep('let a = sinh(s.x);')
  expect(builtInNotes(sourceOf({ ...own, wgsl: `${own.wgsl}fn sinh(x: f32) -> f32 { return x; }\n` }))).toEqual([])
})
