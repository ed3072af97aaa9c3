/** What the tests of interrupted runs share: starting them, looking at their folders, comparing them with unbroken ones. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { eventually, runCli, type Started, startCli } from '../support/cli'

export const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))

/** For each test file: the program is built, and its runs are removed. */
export function useFolder(): void {
  beforeAll(buildCli)
  afterAll(() => rmSync(folder, { recursive: true }))
}

export const SMALL = ['--num-envs', '8', '--num-steps', '32', '--set', 'numMinibatches=4', '--set', 'updateEpochs=1']
export const set = (...pairs: string[]) => pairs.flatMap((pair) => ['--set', pair])
export const FUSED = [...SMALL, ...set('stopWhenSolved=false', 'plan=fused')]

export const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')
export const readJson = (...path: string[]) => JSON.parse(read(...path))
export const rowsIn = (name: string): number => {
  const path = join(folder, name, 'metrics.jsonl')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0
}
export const checkpoints = (name: string) =>
  readdirSync(join(folder, name)).filter((file) => file.startsWith('checkpoint-'))

/** Not a claim: other work on the machine makes everything slow. */
export const WAIT_SECONDS = 300

/** Starts a command, and waits until the run has this many rows. */
export async function startUntil(name: string, rows: number, args: string[]): Promise<Started> {
  const running = startCli(args)
  if (!(await eventually(() => rowsIn(name) >= rows, WAIT_SECONDS)))
    throw new Error(`${name} did not come to ${rows} rows`)
  return running
}

/** A run that was never interrupted. */
export async function whole(name: string, options: string[]): Promise<void> {
  const { code, stderr } = await runCli(['train', ...options, '--json', '--out', join(folder, name)])
  expect({ code, stderr }).toMatchObject({ code: 0 })
}

/** Everything that must be the same after any number of interruptions. */
export function expectSame(name: string, unbroken: string): void {
  for (const file of ['metrics.jsonl', 'metrics.csv']) expect(read(name, file)).toBe(read(unbroken, file))
  const [a, b] = [name, unbroken].map((run) => readJson(run, 'result.json'))
  for (const key of ['weightsHash', 'timesteps', 'iterations', 'episodes', 'episodicReturn', 'solvedAt', 'agents']) {
    expect(a[key], key).toEqual(b[key])
  }
  const policies = readdirSync(join(folder, unbroken)).filter((file) => file.startsWith('policy'))
  for (const file of policies)
    expect(readFileSync(join(folder, name, file))).toEqual(readFileSync(join(folder, unbroken, file)))
  const [mine, theirs] = [name, unbroken].map((run) => {
    const bytes = readFileSync(join(folder, run, checkpoints(run).at(-1)!))
    return readCheckpoint(new Uint8Array(bytes)).snapshot
  })
  expect(mine).toEqual(theirs)
}
