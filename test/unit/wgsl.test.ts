/** Reading WGSL source: declarations, constants and types, with comments in any place. */
import { describe, expect, test } from 'vitest'
import { reflectBindings, reflectStruct } from '../../src/gpu/reflect'
import { workgroupMemory, workgroupSize } from '../../src/gpu/workgroup'
import { constantOf } from '../../src/wgsl/constants'
import { moduleOf } from '../../src/wgsl/module'
import { lineAt, readTokens, textOf, WgslError } from '../../src/wgsl/tokens'
import { typeText } from '../../src/wgsl/typetext'

const words = (source: string): string[] => readTokens(source).tokens.map(({ text }) => text)
const offsetsOf = (code: string, name = 'S'): Record<string, number> =>
  Object.fromEntries(reflectStruct(code, name).fields.map(({ name, offset }) => [name, offset]))

/** The error of `read`, which must have a place; with the line of that place. */
function errorOf(read: () => unknown, source: string): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(WgslError)
    const { message, at } = error as WgslError
    return `${lineAt(source, at)}: ${message}`
  }
  return 'no error'
}

describe('tokens', () => {
  test.each<[string, string, string[]]>([
    ['a line comment', 'a // b } c\nd', ['a', 'd']],
    ['a doc comment', '/// what: it, is {\na', ['a']],
    ['a block comment', 'a/* b\n; */c', ['a', 'c']],
    ['nested comments', 'a /* /* b */ c /* /**/ */ d */ e', ['a', 'e']],
    ['a line comment in a block comment', 'a /* // */ b', ['a', 'b']],
    ['a block comment in a line comment', 'a // /* b\nc', ['a', 'c']],
    ['a slash and a star that are none', 'a / * b', ['a', '/', '*', 'b']],
    ['a comment of the least length', '/**/a/*/*/b*/*/c', ['a', 'c']],
    ['every line break ends a line comment', 'a//\rb//\r\nc//\u2028d//\u0085e//\u000bf', [...'abcdef']],
    ['numbers', '0x1F 1.5f .5 1e-3 0x1p+4f 4i 3u 7', ['0x1F', '1.5f', '.5', '1e-3', '0x1p+4f', '4i', '3u', '7']],
    ['names of other alphabets', 'λ_1 größe', ['λ_1', 'größe']],
    ['signs stand alone', 'a>>b->c', ['a', '>', '>', 'b', '-', '>', 'c']],
  ])('%s', (_, source, wanted) => expect(words(source)).toEqual(wanted))

  test('places are those of the source', () => {
    const source = '/* x\ny */ const /* z */ N\r\n = 4u;'
    const { tokens } = readTokens(source)
    for (const { text, at } of tokens) expect(source.slice(at, at + text.length)).toBe(text)
    expect(tokens.map(({ at }) => lineAt(source, at))).toEqual([2, 2, 3, 3, 3])
    expect(textOf(tokens)).toBe('const N = 4u ;'.replace(' ;', ';'))
  })

  test('a comment that never ends', () => {
    expect(moduleOf('const A = 1;\n/* /* */ const B = 2;').problem?.message).toContain('this comment is never closed')
  })
})

describe('declarations', () => {
  const namesOf = (source: string) => moduleOf(source).declarations.map(({ kind, name }) => `${kind} ${name}`)

  test('of every kind, several on a line, over several lines, between comments', () => {
    const source = `enable f16; diagnostic(off, derivative_uniformity);
      const A = 1u; const B: u32 = 2; /* const C = 3; */ override D: u32 = 4;
      @id(7) override E = 5.0;
      alias
        // the one that is used
        F = vec3<f32>;
      struct G { a: f32 } struct H { b: f32, };
      @group(0)
      @binding(1)
      var<storage, read_write> i: array<G>;
      var<private> j: u32 = 1; var<workgroup> k: array<f32, 4>;
      const_assert A < B;
      @must_use fn l(x: f32, @builtin(position) y: vec4<f32>) -> @location(0) vec4f { const A = 2u; struct_like(); }
      @compute @workgroup_size(8, 8) fn m() {}`
    expect(namesOf(source)).toEqual([
      ...['const A', 'const B', 'override D', 'override E', 'alias F', 'struct G', 'struct H'],
      ...['var i', 'var j', 'var k', 'fn l', 'fn m'],
    ])
    const { directives, named, problem } = moduleOf(source)
    expect(problem).toBeUndefined()
    expect(directives.map(({ text }) => text)).toEqual(['enable f16;', 'diagnostic(off, derivative_uniformity);'])
    expect(named.get('i')!.space).toEqual(['storage', 'read_write'])
    expect(textOf(named.get('l')!.type)).toBe('vec4f')
    expect(named.get('l')!.members.map(({ name, type }) => `${name}: ${textOf(type)}`)).toEqual([
      ...['x: f32', 'y: vec4<f32>'],
    ])
  })

  test('a name in a body is none of the module', () => {
    expect(namesOf('fn a() { const N = 1; if (N > 0) { let b = 2; } } const N = 3;')).toEqual(['fn a', 'const N'])
    expect(constantOf(moduleOf('fn a() { const N = 1; } const N = 3;'), 'N')).toBe(3)
  })

  test('where an end is missing, what follows is known all the same', () => {
    expect(namesOf('const A = 1\nstruct B { c: f32 }')).toEqual(['const A', 'struct B'])
    expect(namesOf('} fn a() {}')).toEqual(['fn a'])
    const open = 'fn a() {\n  if (true) {\n}\nfn b() {}'
    expect(namesOf(open)).toEqual(['fn a', 'fn b'])
    expect(moduleOf(open).problem?.message).toBe('fn a: a { of it is never closed. Close it with }')
  })

  test('bindings', () => {
    const source = `@binding(0) @group(1) /* { */ var<uniform> args: Args;
      @group(0) @binding(2u) var /**/ < storage > given : array< vec4<f32> >;
      // @group(0) @binding(3) var<storage> none: array<f32>;
      @group(0x0) @binding(1 + 2) var<storage, /* both */ read_write> out: array<f32>;`
    expect(reflectBindings(source)).toMatchObject([
      { name: 'args', group: 1, binding: 0, access: 'uniform', type: 'Args' },
      { name: 'given', group: 0, binding: 2, access: 'read' },
      { name: 'out', group: 0, binding: 3, access: 'read_write', type: 'array<f32>' },
    ])
  })
})

describe('constants', () => {
  const numberOf = (value: string, more = '') => constantOf(moduleOf(`const N = ${value};${more}`), 'N')
  test.each<[string, number]>([
    ['4', 4],
    ['4u', 4],
    ['4i', 4],
    ['0x10', 16],
    ['0XfFu', 255],
    ['2 * M', 12],
    ['(1 + 2) * 3 - 4 / 3', 8],
    ['-7 / 2', -3],
    ['-7 % 3', -1],
    ['1u << 4', 16],
    ['(64 >> 2u)', 16],
    ['6 & 3 | 8', 10],
    ['6 ^ 3', 5],
    ['~0u >> 28u', 15],
    ['u32(M) /* six */ + // and one\n 1u', 7],
    ['max(2, min(M, 4))', 4],
    ['clamp(9, 1, M)', 6],
    ['abs(-3)', 3],
    ['select(4u, 8u, M > 5 && !false)', 8],
    ['select(4u, 8u, M <= 5 || M == 7)', 4],
    ['u32(true)', 1],
    ['u32(-1i)', 4294967295],
  ])('%s is %s', (text, value) => expect(numberOf(text, 'const M: u32 = 6u;')).toBe(value))

  test.each<[string, string]>([
    ['1.5', '1.5 is not a constant whole number. Write a number'],
    ['1 / 0', '1 / 0 divides by 0'],
    ['f(2)', 'f(2) is not a constant whole number'],
    ['vec2u(1, 2).x', 'vec2u(1, 2).x is not a constant whole number'],
    ['M', 'constant M is not declared in the source'],
    ['N', 'constant N depends on itself'],
    ['3u - 4u', '3u - 4u is -1, which is no u32'],
    ['4294967296u', '4294967296u is 4294967296, which is no u32'],
    ['1 << 64', '1 << 64 shifts by 64 bits'],
    ['1 2', '1 2 is not a constant whole number'],
    ['(1', '(1 is not a constant whole number'],
    ['', 'const N has no value'],
  ])('%s is an error', (text, message) => expect(() => numberOf(text)).toThrow(message))

  test('an override is what the host sets, or its own value', () => {
    const module = moduleOf('override A: u32 = 4; override B = A * 2; override C: u32;')
    expect(constantOf(module, 'B')).toBe(8)
    expect(constantOf(module, 'B', { A: 5 })).toBe(10)
    expect(() => constantOf(module, 'C')).toThrow('override C has no value')
  })
})

describe('layouts', () => {
  test.each<[string, string, Record<string, number>, number]>([
    ['a block comment between members', 'a: f32, /* b: f32, */ c: f32,', { a: 0, c: 4 }, 8],
    ['a line comment between members', 'a: f32,\n// b: f32,\n c: f32', { a: 0, c: 4 }, 8],
    ['a doc comment with a brace', 'a: f32,\n/// } the end {\nc: f32', { a: 0, c: 4 }, 8],
    ['a nested comment', 'a: f32, /* /* x */ b: f32, */ c: f32', { a: 0, c: 4 }, 8],
    [
      'a comment that looks like a struct',
      '/* struct S { z: f32 } */ a: f32 // struct S {\n, b: u32',
      { a: 0, b: 4 },
      8,
    ],
    [
      'comments inside of types',
      'a: array</* of */ f32 /* , */, /* times */ 3>, b: vec2</**/u32>',
      { a: 0, b: 16 },
      24,
    ],
    ['a comment before the comma and the colon', 'a /* x */ : /* y */ f32 /* z */ , b: f32', { a: 0, b: 4 }, 8],
    ['members on one line', 'a:f32,b:u32,c:i32', { a: 0, b: 4, c: 8 }, 12],
    ['blanks and line breaks of all kinds', 'a\r\n:\tf32\u2028,\n\n  b :vec2\n<\nf32\n>', { a: 0, b: 8 }, 16],
    [
      'vec3 is 12 bytes on multiples of 16',
      'a: f32, b: vec3f, c: f32, d: vec3<f32>',
      { a: 0, b: 16, c: 28, d: 32 },
      48,
    ],
    ['@size', '@size(16) a: f32, b: f32', { a: 0, b: 16 }, 20],
    ['@size that no type divides', '@size(6) a: f32, b: f32', { a: 0, b: 8 }, 12],
    ['@align', 'a: f32, @align(32) b: f32, c: f32', { a: 0, b: 32, c: 36 }, 64],
    ['both, computed', 'a: f32, @size(4 * N) @align(1u << 3) b: f32, c: f32', { a: 0, b: 8, c: 24 }, 32],
    [
      'both, spread over lines',
      'a: f32,\n@align(16)\n// wide\n@size( /* 5 words */ 20 )\nb: f32, c: f32',
      { a: 0, b: 16, c: 36 },
      48,
    ],
    ['@size of an array', '@size(64) a: array<f32, 3>, b: f32', { a: 0, b: 64 }, 68],
    ['a struct inside', 'a: f32, t: T, b: f32', { a: 0, t: 8, b: 32 }, 40],
    ['an array of structs', 'a: array<T, 2>, b: f32', { a: 0, b: 48 }, 56],
    ['an array of arrays', 'a: array<array<f32, 3>, 2>, b: f32', { a: 0, b: 24 }, 28],
    ['an array of vec3', 'a: array<vec3f, 2>, b: f32', { a: 0, b: 32 }, 48],
    [
      'lengths that are constants',
      'a: array<f32, N>, b: array<f32, M>, c: array<f32, (M >> 2)>, d: f32',
      { a: 0, b: 16, c: 48, d: 56 },
      60,
    ],
    ['a shift in a length', 'a: array<f32, 1 << 2>, b: f32', { a: 0, b: 16 }, 20],
    ['a length in hexadecimal, with a comma behind it', 'a: array<f32, 0x10,>, b: array<i32, 4i>', { a: 0, b: 64 }, 80],
    ['aliases', 'a: Flag, p: Pose, ps: Poses, b: Flag', { a: 0, p: 16, ps: 32, b: 64 }, 80],
  ])('%s', (_, members, offsets, size) => {
    const code = `const N = 4u; const M: u32 = 2 * N; alias Flag = u32; alias Pose = vec3f; alias Poses = array<Pose, 2>;
      /* struct S { wrong: f32 } */ struct T { x: f32, /* , */ y: vec2f, z: i32 }
      struct /* named */ S /* { */ { ${members} } const AFTER = 1u;`
    expect(offsetsOf(code)).toEqual(offsets)
    expect(reflectStruct(code, 'S').size).toBe(size)
  })

  test.each<[string, string, string]>([
    ['bool', 'flag: bool', 'S.flag: bool is not possible here: no buffer can hold it; use u32, 0 or 1'],
    ['bool in an array', 'flags: array<bool, 4>', 'S.flags: bool is not possible here: no buffer can hold it; use u32'],
    [
      'bool in a vector',
      'flags: vec2<bool>',
      'S.flags: vec2<bool> is not possible here: no buffer can hold it; use u32',
    ],
    ['a matrix', 'turn: mat3x3f', 'S.turn: mat3x3f is not possible here: use array<vec3f, 3>'],
    ['a matrix spelled out', 'turn: mat4x2<f32>', 'S.turn: mat4x2<f32> is not possible here: use array<vec2f, 4>'],
    ['f16', 'half: f16', 'S.half: f16 is not possible here: only numbers of 4 bytes are; use f32'],
    ['a vector of f16', 'half: vec4h', 'S.half: vec4<f16> is not possible here: only numbers of 4 bytes are; use f32'],
    ['an atomic', 'count: atomic<u32>', 'S.count: atomic<u32> is not possible here: use its plain type'],
    ['no length', 'all: array<f32>', 'S.all: array<f32> has no length. Give it one: array<f32, 8>'],
    ['a length of 0', 'all: array<f32, 0>', 'S.all: array<f32, 0> has 0 elements. Use 1 or more'],
    ['a length that is not known', 'all: array<f32, K>', 'S.all: constant K is not declared in the source'],
    ['a type that is not known', 'a: Vec3', 'S.a: Vec3 is not declared in the source'],
    ['a pointer', 'a: ptr<function, f32>', 'S.a: ptr<function, f32> cannot be a member of a struct'],
    ['a type that is no type', 'a: 3', 'S.a: cannot read the type 3'],
    ['a vector of nothing', 'a: vec3', 'S.a: vec3 is not a vector. Write vec3f, or vec3<f32>'],
    ['a vector of structs', 'a: vec3<T>', 'S.a: vec3<T> is not a vector of numbers'],
    ['a semicolon', 'a: f32; b: f32;', 'S.a: cannot read the type f32; b: f32;'],
    ['a missing comma', 'a: f32\n b: f32', 'S.a: cannot read the type f32 b: f32'],
    ['no type', 'a, b: f32', 'S: cannot read a. Write each member as name: type'],
    ['two commas', 'a: f32,, b: f32', 'S: cannot read nothing between two commas'],
    ['@size below the type', '@size(8) a: vec3f', 'S.a: @size(8) is too small. vec3f takes 12 bytes'],
    ['@align below the type', '@align(4) a: vec3f', 'S.a: @align(4) is not possible. Use a power of 2 from 16 on'],
    [
      '@align that is no power of 2',
      '@align(12) a: f32',
      'S.a: @align(12) is not possible. Use a power of 2 from 4 on',
    ],
    ['@size of nothing', '@size a: f32', 'S.a: @size: takes one number: @size(16)'],
    ['@size that is not known', '@size(K) a: f32', 'S.a: @size: constant K is not declared'],
    ['@size twice', '@size(4) @size(8) a: f32', 'S.a: @size is given twice'],
    ['a member twice', 'a: f32, a: u32', 'S.a is declared twice. Rename one'],
    ['itself', 'a: f32, s: S', 'S.s: S depends on itself'],
  ])('%s is refused, with its line', (_, members, message) => {
    const code = `struct T { x: f32 }\nstruct S {\n  first: f32,\n  ${members}\n}`
    const line = message.includes('depends on itself') ? 2 : 4
    expect(errorOf(() => reflectStruct(code, 'S'), code)).toContain(`${line}: ${message}`)
  })

  test('what a struct inside cannot hold is told with its path, at its own line', () => {
    const code = 'struct Leg {\n  angle: f32,\n  down: bool,\n}\nstruct S { legs: array<Leg, 2> }'
    expect(errorOf(() => reflectStruct(code, 'S'), code)).toBe(
      '3: S.legs.down: bool is not possible here: no buffer can hold it; use u32, 0 or 1',
    )
  })

  test('no members', () => {
    const code = '\nstruct S { /* a: f32 */ }'
    expect(errorOf(() => reflectStruct(code, 'S'), code)).toBe('2: S has no members. Give it one')
  })

  test('an alias may stand for a struct; anything else is no struct', () => {
    expect(offsetsOf('alias S = T; struct T { a: f32, b: f32 }')).toEqual({ a: 0, b: 4 })
    expect(() => reflectStruct('alias S = vec2f;', 'S')).toThrow('struct S: is not a struct')
    expect(() => reflectStruct('alias S = T; alias T = S;', 'S')).toThrow('depends on itself')
    expect(() => reflectStruct('const S = 1;', 'S')).toThrow('S is a const, not a type')
  })
})

test('types as text are the same however they are spelled', () => {
  const module = moduleOf('const N = 4u; alias Obs = array<f32, N>; alias Deep = Obs; alias P = ptr<function, Obs>;')
  const text = (type: string) => typeText(module, readTokens(type).tokens)
  for (const type of ['array<f32, 4>', 'array<f32,4u>', 'array< f32 , 2 * 2 , >', 'array<f32, N>', 'Obs', 'Deep']) {
    expect(text(type), type).toBe('array<f32,4>')
  }
  for (const type of ['vec2f', 'vec2<f32>', 'vec2</* x */ f32>']) expect(text(type), type).toBe('vec2f')
  expect(text('P')).toBe(text('ptr<function, array<f32, 4>>'))
  expect(text('ptr<function, EnvState>')).toBe('ptr<function,EnvState>')
  expect(text('array<f32, 5>')).not.toBe(text('Obs'))
  expect(text('')).toBe('')
})

describe('workgroups', () => {
  const code = `override WORKGROUP: u32 = 64; override TILE = 16u; override ROWS = TILE * 2u; const WIDE = 3u;
    struct Sum { mean: vec3f, count: f32 } /* var<workgroup> none: array<f32, 999>; */
    var<workgroup> act: array<vec4f, ROWS>; var<workgroup> flag: bool;
    var<workgroup> sums: array<Sum, (WIDE + 1) * TILE>; var<workgroup> once: atomic<u32>;
    var<private> own: array<f32, 100>;
    @compute /* @workgroup_size(1) */ @workgroup_size(WORKGROUP / 2, /* y */ 2) fn f() {}`

  test('threads', () => {
    expect(workgroupSize(code, {})).toBe(64)
    expect(workgroupSize(code, { WORKGROUP: 8 })).toBe(8)
    expect(() => workgroupSize('fn f() {}', {})).toThrow('the source has 0 times @workgroup_size, not once')
  })

  test('bytes', () => {
    expect(workgroupMemory(code, {})).toBe(16 * 32 + 16 + 16 * 64 + 16)
    expect(workgroupMemory(code, { TILE: 8 })).toBe(16 * 16 + 16 + 16 * 32 + 16)
  })
})
