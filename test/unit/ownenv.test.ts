/** `--env ID_OR_FILE[:NAME]`: what is named, and what is wrong with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pointMass } from '../../examples/pointmass/spec'
import { envArgs } from '../../harness/protocol/environment'
import { moduleOfRun, storedModule } from '../../harness/rundir/ownenv'
import { chooseEnv, modulesEnvs, splitModule } from '../../harness/setup/environment'
import { loadModule } from '../../harness/setup/load'
import { guardTwin } from '../../harness/setup/twin'
import type { EnvSpec } from '../../src/env/contract'
import { fieldLine } from '../../src/envcheck/module'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-own-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A module in plain JavaScript: each name is an export, with the fields that differ. */
function write(name: string, envs: Record<string, object>): string {
  const file = join(folder, name)
  const { twin: _, ...spec } = pointMass
  const exports = Object.entries(envs).map(
    ([as, fields]) => `export const ${as} = ${JSON.stringify({ ...spec, ...fields })}`,
  )
  writeFileSync(file, exports.join('\n'))
  return file
}

describe('the name of an export is split off', () => {
  test.each([
    ['CartPole-v1', null],
    ['MinAtar/Breakout-v1', null],
    ['./my.env', null],
    ['spec.ts', { file: 'spec.ts', name: null }],
    ['./a/spec.mjs:catchEnv', { file: './a/spec.mjs', name: 'catchEnv' }],
    ['C:\\my\\spec.ts', { file: 'C:\\my\\spec.ts', name: null }],
    ['C:\\my\\spec.ts:two', { file: 'C:\\my\\spec.ts', name: 'two' }],
    ['C:/my.ts/spec.js', { file: 'C:/my.ts/spec.js', name: null }],
    ['a.ts:b.js', { file: 'a.ts:b.js', name: null }],
    ['/x:y/spec.tsx:default', { file: '/x:y/spec.tsx', name: 'default' }],
  ])('%s', (text, module) => expect(splitModule(text)).toEqual(module))
})

test('one export of several is named; the same one under two names counts once', async () => {
  const file = write('several.mjs', { first: {}, second: { id: 'Second-v0' } })
  await expect(chooseEnv('--env', file)).rejects.toThrow(
    `--env: ${file} exports 2 environments. Name one: --env ${file}:first or ${file}:second.`,
  )
  expect((await chooseEnv('--env', `${file}:second`)).spec.id).toBe('Second-v0')
  await expect(chooseEnv('--env', `${file}:third`)).rejects.toThrow(
    `--env: ${file} exports no environment "third", but first, second. Name one of them.`,
  )
  writeFileSync(join(folder, 'twice.mjs'), "export { first, first as default } from './several.mjs'")
  expect((await modulesEnvs('--env', { file: join(folder, 'twice.mjs'), name: null })).map(({ name }) => name)).toEqual(
    ['first'],
  )
})

test('what is no module says what to name; a wrong description names its file', async () => {
  await expect(chooseEnv('--env', folder)).rejects.toThrow(`--env: ${folder} is a folder. Name the module`)
  await expect(chooseEnv('--env', 'CartPole-v2')).rejects.toThrow('there is no environment "CartPole-v2"')
  await expect(chooseEnv('--env', './none.ts')).rejects.toThrow('./none.ts: there is no such file.')
  const file = write('wrong.mjs', { own: { maxEpisodeSteps: 0 } })
  await expect(chooseEnv('--env', file)).rejects.toThrow(`${file}: env.maxEpisodeSteps: 0 is not`)
})

test('a twin that throws, or gives what it should not, is told with file and line', () => {
  const twin = pointMass.twin as unknown as NonNullable<EnvSpec['twin']>
  const broken = (part: object) =>
    guardTwin({ ...pointMass, twin: { ...twin, ...part } } as unknown as EnvSpec, 'my.ts').twin!
  const fail = () => {
    throw new Error('no such field.')
  }
  expect(() => broken({ reset: fail }).reset({} as never)).toThrow(
    /^my\.ts: PointMass-v0: twin\.reset threw at ownenv\.test\.ts:\d+: no such field\. Mend the twin; /,
  )
  expect(() => broken({ reset: () => undefined }).reset({} as never)).toThrow('twin.reset gave undefined, not a state')
  const step = (result: unknown) => () => broken({ step: () => result }).step({}, [0], {} as never)
  expect(step({ reward: Number.NaN, terminated: false })).toThrow(
    'twin.step gave {"reward":null,"terminated":false}, not',
  )
  expect(step(undefined)).toThrow('twin.step gave undefined, not { reward, terminated }')
  expect(step({ reward: 1, terminated: true })()).toEqual({ reward: 1, terminated: true })
  expect('mask' in broken({})).toBe(false)
})

test('the page gets a description without its twin, and the id alone of a built-in one', () => {
  expect(envArgs(cartPole)).toEqual({ env: 'CartPole-v1' })
  // A user's environment may have the id of a built-in one.
  const { env, spec } = envArgs({ ...cartPole })
  expect([env, spec!.wgsl, 'twin' in spec!]).toEqual(['CartPole-v1', cartPole.wgsl, false])
})

test('a run keeps the module relative to its folder', () => {
  const run = join(folder, 'runs', 'a')
  expect(storedModule(run, { file: join(folder, 'my', 'spec.ts'), name: 'x' })).toEqual({
    file: '../../my/spec.ts',
    name: 'x',
  })
  expect(moduleOfRun(run)).toBeNull()
})

test('a wrong module is told with its line: syntax, a field, what it throws', async () => {
  const wrong = async (text: string) => {
    const file = join(folder, 'lines.ts')
    writeFileSync(file, text)
    const { message } = await chooseEnv('--env', file).then(
      () => new Error('nothing is wrong'),
      (error: Error) => error,
    )
    return message.replaceAll(folder, '')
  }
  const { twin: _, ...spec } = pointMass
  const lines = Object.entries({ ...spec, maxEpisodeSteps: 0 }).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value)},`,
  )
  const at = lines.findIndex((line) => line.includes('maxEpisodeSteps'))
  const text = ['interface Unused { x: number }', 'export const own = {', ...lines, '}'].join('\n')
  expect(await wrong(text)).toMatch(new RegExp(`^/lines.ts:${at + 3}: env.maxEpisodeSteps: 0 is not`))
  expect(await wrong(text.replace('export const', 'export const const'))).toMatch(
    /^\/lines.ts:2:14: .*\n.*\n? *2 │ export const const/,
  )
  expect(await wrong(`${text}\n\nnull.x`)).toMatch(
    new RegExp(`^/lines.ts: Cannot read.*, at lines.ts:${lines.length + 5}$`),
  )
  expect(await wrong(`${text}\nimport './none'`)).toBe(`/lines.ts:${lines.length + 4}: cannot find "./none".`)
})

test('the line of a field: only where one is meant', () => {
  expect(fieldLine('const a = {\n  preset: {},\n}', 'env.preset: is wrong')).toBe(2)
  expect(fieldLine('const a = {\n  preset,\n}', 'env.preset.numEnvs: is wrong')).toBe(2)
  expect(fieldLine('{ preset: 1 }\n{ preset: 2 }', 'env.preset: is wrong')).toBeNull()
  expect(fieldLine('const preset = 1', 'env.preset: is wrong')).toBeNull()
  expect(fieldLine('preset: 1', 'link: is wrong')).toBeNull()
})

test('a module in JavaScript finds the files beside it', async () => {
  const file = join(folder, 'beside.mjs')
  writeFileSync(join(folder, 'beside.wgsl'), pointMass.wgsl)
  const { twin: _, wgsl: __, ...spec } = pointMass
  writeFileSync(
    file,
    `import { readFileSync } from 'node:fs'
     const wgsl = readFileSync(new URL('./beside.wgsl', import.meta.url), 'utf8')
     export const [here, own] = [import.meta.filename, { ...${JSON.stringify(spec)}, wgsl }]`,
  )
  expect((await chooseEnv('--env', file)).spec.wgsl).toBe(pointMass.wgsl)
  expect((await loadModule(file)).here).toBe(file)
})
