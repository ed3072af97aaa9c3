/** Ctrl-C as a terminal sends it: to all processes of the command at once. What README.md says of the exit codes. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { eventually, runCli } from '../support/cli'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

const OPTIONS = ['--reference', '--num-envs', '2', '--num-steps', '8', '--set', 'numMinibatches=1', '--set', 'hidden=4']
const ENDLESS = [...OPTIONS, '--set', 'stopWhenSolved=false', '--total-timesteps', '100_000_000']

/** Runs a program as a terminal does, in a process group of its own, and presses Ctrl-C when rows come back. */
async function pressed(program: string, args: string[]): Promise<{ code: number | null; signal: string | null }> {
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void (said += chunk))
  if (!(await eventually(() => said.includes('steps/s'), 50))) throw new Error(said)
  process.kill(-child.pid!, 'SIGINT')
  return ended
}

describe('Ctrl-C', () => {
  test('ends the program with 75', async () => {
    const out = join(folder, 'node')
    const args = ['harness/run.js', 'train', ...ENDLESS, '--out', out]
    expect(await pressed(process.execPath, args)).toEqual({ code: 75, signal: null })
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')).interrupted).toBe(true)
  })

  test('under npm run: 75, or 130 where the shell between dies of it; the run is saved all the same', async () => {
    const out = join(folder, 'npm')
    const { code, signal } = await pressed('npm', ['run', 'train', '--', ...ENDLESS, '--out', out])
    expect([75, 130, 'SIGINT']).toContain(signal ?? code)
    // npm may be gone before the program.
    expect(await eventually(() => existsSync(join(out, 'result.json')) && !existsSync(join(out, 'run.lock')), 20)).toBe(
      true,
    )
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')).interrupted).toBe(true)
  })

  test('README and --help say so', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8').replace(/\s+/g, ' ')
    expect(/75 interrupted\..*Under `npm run`[^.]*130/.test(readme)).toBe(true)
    const { stdout } = await runCli(['--help'])
    expect(stdout).toMatch(/75 interrupted[\s\S]*130/)
  })
})
