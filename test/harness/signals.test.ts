/** Ctrl-C as a terminal sends it: to all processes of the command at once. Exit codes as in docs/commands.md. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { eventually, runCli } from '../support/cli'
import { pressed } from '../support/pressed'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

const OPTIONS = ['--reference', '--num-envs', '2', '--num-steps', '8', '--set', 'numMinibatches=1', '--set', 'hidden=4']
const ENDLESS = [...OPTIONS, '--set', 'stopWhenSolved=false', '--total-timesteps', '100_000_000']

describe('Ctrl-C', () => {
  test('ends the program with 75', async () => {
    const out = join(folder, 'node')
    const args = ['harness/run.js', 'train', ...ENDLESS, '--out', out]
    const { said, ...ended } = await pressed(process.execPath, args)
    expect(ended).toEqual({ code: 75, signal: null })
    expect(said).toContain('Stopping after the submitted iterations; once more to end at once.')
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')).interrupted).toBe(true)
  })

  test.each([
    ['the reference', ['--reference']],
    ['the GPU', ['--adapter', 'software']],
  ])('during the first weights of %s it waits for no iteration, and says so', async (_, machine) => {
    const out = join(folder, machine[0].slice(2))
    const wide = ['--set', 'hidden=1024,1024', '--num-envs', '1', '--num-steps', '8', '--set', 'numMinibatches=1']
    const args = ['harness/run.js', 'train', ...machine, ...wide, '--out', out]
    const { code, said } = await pressed(process.execPath, args, 'first weights:')
    expect(code).toBe(75)
    expect(said).toContain('Stopping; once more to end at once.')
    expect(said).toContain('Interrupted before the first iteration: there is nothing to save.')
    expect(said).not.toContain('submitted iterations')
    expect(existsSync(out)).toBe(false)
  })

  test('under npm run: 75, or 130 where the shell between dies of it; the run is saved all the same', async () => {
    const out = join(folder, 'npm')
    const { code, signal } = await pressed('npm', ['run', 'train', '--', ...ENDLESS, '--out', out])
    expect([75, 130, 'SIGINT']).toContain(signal ?? code)
    // npm may end before the program.
    expect(await eventually(() => existsSync(join(out, 'result.json')) && !existsSync(join(out, 'run.lock')), 20)).toBe(
      true,
    )
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')).interrupted).toBe(true)
  })

  test('docs/commands.md and --help say so', async () => {
    const page = readFileSync(join(root, 'docs/commands.md'), 'utf8').replace(/\s+/g, ' ')
    expect(/75 interrupted\..*Under `npm run`[^.]*130/.test(page)).toBe(true)
    const { stdout } = await runCli(['--help'])
    expect(stdout).toMatch(/75 interrupted[\s\S]*130/)
  })
})
