/** Checkouts in folders whose names mean something in a URL or a pattern. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-awkward-'))
/** To be called at the end of a test file. */
export const removeCheckouts = (): void => rmSync(folder, { recursive: true, force: true })

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

/** The sources of this checkout, in a folder of that name. */
export function checkout(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  const filter = (from: string) => !/[\\/](node_modules|dist|results)$/.test(from)
  for (const source of SOURCES) cpSync(join(root, source), join(path, source), { recursive: true, filter })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  return path
}
export const run = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', ['run', '--silent', ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

export const SOFTWARE = ['--adapter', 'software']
export const TINY = [
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

/** Trains in a folder of that name. */
export const trainIn = (name: string): { iterations: number } =>
  JSON.parse(run(checkout(name), 'train', '--', ...TINY, '--json'))
