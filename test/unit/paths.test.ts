/** A user's own environments, in folders and files with any name. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadSpecs } from '../../harness/setup/load'
import { isAwkward, plainPath } from '../../harness/vite/plainpath.js'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(folder, { recursive: true }))
const links = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`ppo-webgpu-link-${process.pid}-`))

/** The example with all that it imports, under `path`. */
function copyExample(path: string, file = 'spec.ts'): string {
  cpSync('examples/pointmass', join(folder, path), { recursive: true })
  if (file !== 'spec.ts') renameSync(join(folder, path, 'spec.ts'), join(folder, path, file))
  return join(folder, path, file)
}

const NAMES = [
  'a#b',
  'a?b',
  'a%b',
  'a%23b',
  'a b',
  '[x]',
  '{a,b}',
  'a*b',
  "it's",
  '#',
  'ä€',
  '(x)',
  'a&b',
  '@a',
  'a;b=c',
  '+',
]

describe('an environment in a folder named', () => {
  test.each(NAMES)('%s', async (name) => {
    const before = links()
    const [{ spec }] = await loadSpecs(copyExample(name))
    expect(spec).toMatchObject({ id: 'PointMass-v0', wgsl: readFileSync('examples/pointmass/pointmass.wgsl', 'utf8') })
    expect(spec.twin).toBeDefined()
    expect(links()).toEqual(before)
  })

  test.each(['spec#1.ts', 'spec?.ts', 'a b.ts', '%.ts'])('ordinary, and the file %s', async (file) => {
    const [{ spec }] = await loadSpecs(copyExample(`files-${NAMES.indexOf(file)}-${file.length}`, file))
    expect(spec.id).toBe('PointMass-v0')
  })

  test('a#b, below c?d, and the file e#f.ts', async () => {
    const [{ spec }] = await loadSpecs(copyExample('c?d/a#b/g', 'e#f.ts'))
    expect(spec.id).toBe('PointMass-v0')
  })
})

test('what it imports may lie above, and in node_modules above', async () => {
  const file = copyExample('up/x#y/in')
  mkdirSync(join(folder, 'up', 'node_modules', 'friction'), { recursive: true })
  writeFileSync(join(folder, 'up', 'node_modules', 'friction', 'package.json'), '{"name": "friction", "main": "i.js"}')
  writeFileSync(join(folder, 'up', 'node_modules', 'friction', 'i.js'), 'export const friction = 0.5')
  writeFileSync(join(folder, 'up', 'steps.ts'), 'export const steps: number = 77')
  writeFileSync(join(folder, 'up', 'x#y', 'name.ts'), "export const id = 'Own-v7'")
  const own = `import { friction } from 'friction'
    import { steps } from '../../steps'
    import { id } from '../name'
    import { pointMass } from './spec'
    export const mine = { ...pointMass, id, maxEpisodeSteps: steps, rewardThreshold: friction }`
  writeFileSync(join(dirname(file), 'own.ts'), own)
  const [{ spec }] = await loadSpecs(join(dirname(file), 'own.ts'))
  expect(spec).toMatchObject({ id: 'Own-v7', maxEpisodeSteps: 77, rewardThreshold: 0.5 })
})

test('a file that does not exist, or is wrong, is named as the user wrote it', async () => {
  await expect(loadSpecs('a#b/none.ts')).rejects.toThrow('a#b/none.ts: there is no such file.')
  const file = copyExample('wrong#')
  writeFileSync(file, "import './nothing'\nexport const x = 1")
  await expect(loadSpecs(file)).rejects.toThrow(`${file}:1: cannot find "./nothing".`)
  expect(links()).toEqual([])
})

describe('plainPath', () => {
  test('leaves ordinary paths alone', () => {
    for (const path of ['/home/me/ppo webgpu', 'C:\\Users\\Me', '/a/[b]/(c)', '/ä']) {
      expect(isAwkward(path)).toBe(false)
      expect(plainPath(path)).toMatchObject({ path, isLink: false })
    }
  })

  test('leads to the folder, and is gone afterwards; the folder stays', () => {
    const awkward = join(folder, 'here#?%*')
    mkdirSync(awkward)
    writeFileSync(join(awkward, 'file'), 'content')
    const { path, isLink, close } = plainPath(awkward)
    expect([isLink, isAwkward(path), readFileSync(join(path, 'file'), 'utf8')]).toEqual([true, false, 'content'])
    close()
    expect(() => readFileSync(join(path, 'file'))).toThrow('ENOENT')
    expect(readFileSync(join(awkward, 'file'), 'utf8')).toBe('content')
  })

  test('where the temporary folder is awkward as well, another one is taken', () => {
    const { TMPDIR } = process.env
    process.env.TMPDIR = join(folder, 'here#?%*')
    try {
      const { path, close } = plainPath(join(folder, 'here#?%*'))
      expect(isAwkward(path)).toBe(false)
      close()
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
  })

  test('a link to a folder that is no link keeps its node_modules', () => {
    symlinkSync(folder, join(folder, 'again#'))
    const { path, close } = plainPath(join(folder, 'again#'))
    expect(readdirSync(path)).toEqual(readdirSync(folder))
    close()
  })
})
