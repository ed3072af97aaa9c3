/** Names of new environments. */
import { expect, test } from 'vitest'
import { newEnvFiles, whyNotName } from '../../harness/newenv/newenv'

test.each(['a', 'my-game', 'snake2', 'x-1-y', 'catch-it'])('%s is a name', (name) =>
  expect(whyNotName(name)).toBeNull(),
)

test.each([
  ['', 'is not a name'],
  ['My-Game', 'is not a name'],
  ['../up', 'is not a name'],
  ['a/b', 'is not a name'],
  ['a b', 'is not a name'],
  ['-a', 'is not a name'],
  ['a--b', 'is not a name'],
  ['3d', 'is not a name'],
  ['con.ts', 'is not a name'],
  ['a'.repeat(41), 'has 41 characters, more than 40'],
  ['class', 'has a meaning in the files'],
  ['global-this', 'has a meaning in the files'],
  ['spec', 'has a meaning in the files'],
])('%j is none: %s', (name, why) => expect(whyNotName(name)).toContain(why))

test('a name is that of files, of the environment and of what is exported', () => {
  const files = newEnvFiles('my-game', 'box', {
    check: 'npx ppo-webgpu check-env my-game/spec.ts',
    train: 'npx ppo-webgpu train',
  })
  expect(files['spec.ts']).toContain("export const myGame: EnvSpec<MyGameState> = {\n  id: 'MyGame-v0',")
  expect(files['spec.ts']).toContain("from './my-game'\nimport wgsl from './my-game.wgsl?raw'")
  expect(files['my-game.wgsl']).toContain('// Twin: my-game.ts')
  expect(files['README.md']).toContain(
    '    npx ppo-webgpu check-env my-game/spec.ts   compares WGSL and twin, step by step\n' +
      '    npx ppo-webgpu train                       trains, and writes a folder in runs/\n',
  )
})
