/** A checkout in a folder whose name has a meaning in a URL or a pattern: all commands must work there. */
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-awkward-'))
const SOURCES = [
  'src',
  'shaders',
  'envs',
  'harness',
  'examples',
  'index.html',
  'vite.config.ts',
  'package.json',
  'tsconfig.json',
]
afterAll(() => rmSync(folder, { recursive: true }))

/** The sources of this checkout, in a folder of that name. */
function checkout(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  const filter = (from: string) => !/[\\/](node_modules|dist|results)$/.test(from)
  for (const source of SOURCES) cpSync(join(root, source), join(path, source), { recursive: true, filter })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  return path
}
const run = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', ['run', '--silent', ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const SOFTWARE = ['--adapter', 'software']
const TINY = [
  '--reference',
  '--num-envs',
  '2',
  '--num-steps',
  '8',
  '--set',
  'numMinibatches=1',
  '--total-timesteps',
  '32',
]

describe('in a#b', () => {
  let path = ''
  beforeAll(() => {
    path = checkout('a#b')
  })

  test('npm run train, with a folder such as it, and eval; export', () => {
    const { out, iterations } = JSON.parse(run(path, 'train', '--', ...TINY, '--out', 'run#1?', '--json'))
    expect({ out, iterations }).toEqual({ out: join(path, 'run#1?'), iterations: 2 })
    expect(JSON.parse(run(path, 'eval', '--', 'run#1?', '--episodes', '2', '--json')).episodes).toBe(2)
    expect(run(path, 'export', '--', 'run#1?', '--out', 'model#.onnx')).toContain(join(path, 'model#.onnx'))
    const { out: second } = JSON.parse(run(path, 'train', '--', ...TINY, '--json'))
    expect(second.startsWith(join(path, 'runs'))).toBe(true)
  })

  test('npm run check-env -- FILE, in Chrome and in dawn.node', { timeout: 120_000 }, () => {
    expect(run(path, 'check-env', '--', 'examples/pointmass/spec.ts', ...SOFTWARE)).toContain('PointMass-v0: OK')
    const file = join(path, 'examples/pointmass/spec.ts')
    expect(run(path, 'check-env', '--', file, '--runtime', 'node', ...SOFTWARE)).toContain('PointMass-v0: OK')
  })

  test('npm run build', { timeout: 120_000 }, () => {
    const told = run(path, 'build')
    for (const name of ['index.js', 'types/', 'cli.js', 'lab/'])
      expect(told).toMatch(new RegExp(`^  ${name} +[1-9]\\d* kB  `, 'm'))
    expect(readdirSync(join(path, 'dist')).sort()).toEqual(['cli.js', 'host.js', 'index.js', 'lab', 'page', 'types'])
    const pages = readdirSync(join(path, 'dist', 'lab', 'assets')).filter((name) => /^(index|main)-.*\.js$/.test(name))
    expect(pages.length).toBeGreaterThan(1)
    const library = readFileSync(join(path, 'dist', 'index.js'), 'utf8')
    expect(library).toContain('fn env_step(')
    expect(library).not.toContain('ppo-webgpu-link')
    expect(existsSync(join(path, 'dist', 'types', 'src', 'index.d.ts'))).toBe(true)
  })

  test('npm start serves the lab and the example', { timeout: 60_000 }, async () => {
    const server = spawn(process.execPath, ['harness/start.js', '--port', '0'], { cwd: path })
    let said = ''
    const url = await new Promise<string>((resolve, reject) => {
      const look = (chunk: Buffer) => {
        said += chunk
        // biome-ignore lint/suspicious/noControlCharactersInRegex: Vite colours its address
        const found = /http:\/\/[\d.]+:\S+/.exec(said.replace(/\u001b\[\d*m/g, ''))
        if (found) resolve(found[0])
      }
      server.stdout.on('data', look)
      server.stderr.on('data', look)
      server.once('exit', () => reject(new Error(said)))
    })
    try {
      for (const [file, text] of [
        ['', 'PPO lab'],
        ['src/lab/main.tsx', '/src/lab/'],
        ['shaders/gae.wgsl?import&raw', 'export default'],
        ['examples/pointmass/main.ts', '/src/index.ts'],
      ]) {
        const response = await fetch(url + file)
        expect({ file, status: response.status }).toEqual({ file, status: 200 })
        expect(await response.text()).toContain(text)
      }
      expect(said).not.toMatch(/failed|error/i)
    } finally {
      server.kill('SIGINT')
      await new Promise((resolve) => server.once('exit', resolve))
    }
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`ppo-webgpu-link-${server.pid}-`))).toEqual([])
  })
})

test.each(['a?b', 'a%20b', '[x] y', "it's {a,b}"])('npm run train in %s', (name) => {
  const path = checkout(name)
  expect(JSON.parse(run(path, 'train', '--', ...TINY, '--json')).iterations).toBe(2)
})
