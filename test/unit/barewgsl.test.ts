import { expect, test } from 'vitest'
import { withoutComments } from '../../harness/vite/barewgsl.js'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import { readTokens } from '../../src/wgsl/tokens'
import { trainingModules } from '../support/modules'

test('comments go; lines and imports stay', () => {
  const source = '// head\n//#import "a"\nlet x = 1.0; // one\n  /// doc\nlet y = x / 2.0;'
  expect(withoutComments(source)).toBe('\n//#import "a"\nlet x = 1.0;\n\nlet y = x / 2.0;')
  const block = 'a /* // */ b // c'
  expect(withoutComments(block)).toBe(block)
})

test('no token of any module that training compiles is lost', () => {
  const words = (code: string) => readTokens(code).tokens.map(({ text }) => text)
  let shorter = 0
  for (const { stem, code } of trainingModules()) {
    const bare = withoutComments(code)
    expect(words(bare), stem).toEqual(words(code))
    expect(bare.split('\n')).toHaveLength(code.split('\n').length)
    shorter += code.length - bare.length
  }
  expect(shorter).toBeGreaterThan(10_000)
})

test('the linker finds the same imports', () => {
  const bare = new Map([...SHADERS].map(([path, source]) => [path, withoutComments(source)]))
  for (const path of SHADERS.keys()) {
    const imports = (source: string) => source.match(/^\/\/#import.*$/gm)
    expect(imports(bare.get(path)!), path).toEqual(imports(SHADERS.get(path)!))
  }
  expect(() => link('shaders/lib/rng.wgsl', bare)).not.toThrow()
})
