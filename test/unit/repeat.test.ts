import { describe, expect, test } from 'vitest'
import { link } from '../../src/gpu/link'
import { expandRepeats } from '../../src/gpu/repeat'
import { constants, type Numbers } from '../../src/wgsl/numbers'

const expand = (text: string, numbers: Record<string, Numbers> = {}) =>
  expandRepeats(text.split('\n'), new Map(Object.entries(numbers)))

describe('//#repeat', () => {
  test('puts the number in place, and keeps the line of the author', () => {
    const { lines, from } = expand('a\n//#repeat $k < 3\nx[$k] = y[$k + 1];\n//#end\nb')
    expect(lines).toEqual(['a', 'x[0] = y[0 + 1];', 'x[1] = y[1 + 1];', 'x[2] = y[2 + 1];', 'b'])
    expect(from).toEqual([1, 3, 3, 3, 5])
  })

  test('leaves a text without directives as it is', () => {
    expect(expand('let $ = 1;\n// repeat')).toEqual({ lines: ['let $ = 1;', '// repeat'], from: [1, 2] })
  })

  test('nests, takes limits from names, and counts down', () => {
    const text = '//#repeat $l < LAYERS - 1 backwards\n//#repeat $q < QUADS[$l][LAST[0]]\n$l.$q\n//#end\n//#end'
    const numbers = { LAYERS: 3, LAST: [1], QUADS: [[9, 1], [9, 2]] } // biome-ignore format: a table
    expect(expand(text, numbers).lines).toEqual(['1.0', '1.1', '0.0'])
  })

  test('a limit of 0 leaves the lines out; a longer name is another', () => {
    expect(
      expand('//#repeat $k < 1\n//#repeat $kind < KEEPS\nno\n//#end\n$k $kind\n//#end', { KEEPS: 0 }).lines,
    ).toEqual(['0 $kind'])
  })

  test('takes the numbers of a list, in order or backwards; an empty one leaves the lines out', () => {
    const text = '//#repeat $j < 3\n$j:\n//#repeat $i in PATH[$j]\n$i\n//#end\n//#end'
    const numbers = { PATH: [[], [0], [4, 0, 1]] }
    expect(expand(text, numbers).lines.join(' ')).toBe('0: 1: 0 2: 4 0 1')
    expect(expand(text.replace('[$j]', '[$j] backwards'), numbers).lines.join(' ')).toBe('0: 1: 0 2: 1 0 4')
  })

  test('if leaves its lines out where the value is 0, and nests', () => {
    const text = '//#repeat $j < 3\n//#if IS[$j]\n$j\n//#if 2 - $j\nbelow\n//#end\n//#end\n//#end\nend'
    expect(expand(text, { IS: [1, 0, 1] })).toEqual({ lines: ['0', 'below', '2', 'end'], from: [3, 5, 3, 9] })
  })

  test.each([
    ['//#repeat $k < 2\nx', 1, '//#repeat $k < 2 has no //#end'],
    ['x\n//#end', 2, '//#end without a //#repeat before it'],
    [
      '//#repeat k < 2\n//#end',
      1,
      'cannot read //#repeat k < 2. Write //#repeat $name < limit, or //#repeat $name in LIST',
    ],
    ['x\n//#repeat $k < MANY\n//#end', 2, 'the limit "MANY" has MANY where a number belongs. Known: N, ROW'],
    [
      '//#repeat $k < ROW\n//#end',
      1,
      'the limit "ROW" has ROW in it with the wrong number of indices, or one too large',
    ],
    ['//#repeat $k < ROW[2]\n//#end', 1, 'the limit "ROW[2]" has ROW in it with the wrong number of indices'],
    ['//#repeat $k < ROW[0\n//#end', 1, 'the limit "ROW[0" has a [ without its ]'],
    ['//#repeat $k < N - 4\n//#end', 1, 'the limit "N - 4" is -1; it must be at least 0'],
    ['//#repeat $k in N\n//#end', 1, 'the list "N" is not a list of numbers'],
    ['//#repeat $k in DEEP\n//#end', 1, 'the list "DEEP" is not a list of numbers'],
    ['//#repeat $k in DEEP[1]\n//#end', 1, 'the list "DEEP[1]" has DEEP in it with the wrong number of indices'],
    ['//#repeat $k in ROW + 1\n//#end', 1, 'the list "ROW + 1" cannot be read from "+" on'],
    ['//#repeat $k in DEEP[ROW]\n//#end', 1, 'the list "DEEP[ROW]" is not a number'],
    ['x\n//#if ROW\n//#end', 2, 'the limit "ROW" has ROW in it with the wrong number of indices'],
    ['//#if N\nx', 1, '//#if N has no //#end'],
    ['//#repeat $k < N N\n//#end', 1, 'the limit "N N" cannot be read from "N" on'],
    ['//#repeat $k < 3000000\nx\n//#end', 2, 'the repeated lines are longer than 2097152 characters'],
  ])('%j is an error at line %i', (text, line, message) => {
    let error: unknown
    try {
      expand(text, { N: 3, ROW: [1, 2], DEEP: [[1]] })
    } catch (e) {
      error = e
    }
    expect(error).toMatchObject({ name: 'RepeatError', line, message: expect.stringContaining(message) })
  })

  test('the linker names the file, and the line of the author for what comes after', () => {
    const sources = new Map([['a.wgsl', '//#repeat $k < N\nfn f_$k() {}\n//#end\nfn f_1() {}']])
    const slots = (N: number) => ({ shape: { file: 'shape', source: '', numbers: { N } } })
    expect(link('a.wgsl', sources, slots(1)).code).toBe('fn f_0() {}\nfn f_1() {}')
    expect(() => link('a.wgsl', sources, slots(2))).toThrow('a.wgsl:4: f_1 is declared twice, first at a.wgsl:2')
    expect(() => link('a.wgsl', sources)).toThrow('a.wgsl:1: the limit "N" has N where a number belongs')
  })
})

test('constants of WGSL', () => {
  expect(constants({ A: 1, B: [2, 3], C: [[4], [5]] })).toBe(
    'const A = 1u;\nconst B = array(2u, 3u);\nconst C = array(array(4u), array(5u));',
  )
})
