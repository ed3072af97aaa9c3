/** Dropped files as modules: what is found among them, and what is said of those that cannot be used. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Files, loadDropped } from '../../src/lab/own/modules'

const read = (name: string) => readFileSync(new URL(`../../examples/pointmass/${name}`, import.meta.url), 'utf8')
const FILES: Files = Object.fromEntries(
  ['spec.ts', 'pointmass.ts', 'pointmass.wgsl', 'main.ts'].map((name) => [`my/${name}`, read(name)]),
)
const SPEC = FILES['my/spec.ts']

test('TypeScript with its neighbours: the environment, with a twin that runs', () => {
  const { named, file } = loadDropped(FILES)
  expect([named.name, named.spec.id, file]).toEqual(['pointMass', 'PointMass-v0', 'my/spec.ts'])
  const obs = new Float64Array(4)
  named.spec.twin!.observe({ x: 1, y: 2, x_dot: 3, y_dot: 4 } as never, obs, 0)
  expect([...obs]).toEqual([1, 2, 3, 4])
})

test('plain JavaScript, and a neighbour in another folder', () => {
  const files = {
    'a/spec.js': SPEC.replace(/import type.*\n/, '')
      .replace(/<.*>|: EnvSpec/g, '')
      .replace('type PointMassState, ', '')
      .replace("'./", "'../b/"),
    'b/pointmass.ts': FILES['my/pointmass.ts'],
    'a/pointmass.wgsl': FILES['my/pointmass.wgsl'],
  }
  expect(loadDropped(files).named.spec.id).toBe('PointMass-v0')
})

describe('what cannot be used is told with file and line', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(FILES).filter(([path]) => path !== name))
  const spec = (from: string | RegExp, to: string): Files => ({ ...FILES, 'my/spec.ts': SPEC.replace(from, to) })
  const cases: Record<string, [Files, string | RegExp]> = {
    'a file that is missing': [
      without('my/pointmass.ts'),
      'my/spec.ts:2: imports "./pointmass", and there is no my/pointmass among the files',
    ],
    'WGSL that is missing': [
      without('my/pointmass.wgsl'),
      'my/spec.ts:3: imports "./pointmass.wgsl?raw", and there is no my/pointmass.wgsl',
    ],
    'no description': [without('my/spec.ts'), 'none of them describes an environment'],
    'a package': [
      spec("'./pointmass'", "'lodash'"),
      'my/spec.ts:2: imports "lodash", but dropped files can import only',
    ],
    syntax: [spec('maxEpisodeSteps: 100', 'maxEpisodeSteps: = 100'), 'my/spec.ts:10:20: Unexpected token'],
    'a field': [spec('maxEpisodeSteps: 100', 'maxEpisodeSteps: 0'), 'my/spec.ts:10: env.maxEpisodeSteps: 0 is not'],
    'what it throws': [spec('\nexport', '\nnull.x\nexport'), /^my\/spec.ts: Cannot read.*, at spec.ts:5$/],
    'several environments': [
      { ...FILES, 'my/other.ts': SPEC },
      'The files have 2 environments: my/spec.ts:pointMass, my/other.ts:pointMass.',
    ],
    'an export that is none': [spec('export const', 'const'), 'my/spec.ts: exports no EnvSpec'],
  }
  test.each(Object.entries(cases))('%s', (_, [files, message]) => expect(() => loadDropped(files)).toThrow(message))
})
