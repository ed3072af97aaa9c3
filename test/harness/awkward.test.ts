/** A checkout in a folder whose name has a meaning in a URL or a pattern: all commands must work there. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, removeCheckouts, run, TINY, trainIn } from './checkouts'

afterAll(removeCheckouts)

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

  test('npm run build', { timeout: 120_000 }, () => {
    const told = run(path, 'build')
    for (const name of ['index.js', 'types/', 'cli.js', 'lab/'])
      expect(told).toMatch(new RegExp(`^  ${name} +[1-9]\\d* kB  `, 'm'))
    const bundles = ['index.js', 'inference.js', 'policy.js', 'training.js', 'worker.js']
    const made = [...bundles, 'cli.js', 'host.js', 'lab', 'page', 'player', 'types']
    expect(readdirSync(join(path, 'dist')).sort()).toEqual(made.sort())
    const pages = readdirSync(join(path, 'dist', 'lab', 'assets')).filter((name) => /^(index|main)-.*\.js$/.test(name))
    expect(pages.length).toBeGreaterThan(1)
    const library = readFileSync(join(path, 'dist', 'training.js'), 'utf8')
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

// Other names, and check-env there: awkward.slow.test.ts.
test.each(["it's {a,b}"])('npm run train in %s', (name) => {
  expect(trainIn(name).iterations).toBe(2)
})
