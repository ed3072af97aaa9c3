import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { eventually, runCli, startCli } from '../support/cli'
import { recorded, SMALL } from './sweep'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

/** Two shapes, two rungs. */
const SWEEP = [
  ...[
    'sweep',
    ...SMALL,
    '--trials',
    '6',
    '--set',
    'learningRate=loguniform(1e-4,1e-2)',
    '--set',
    'numEnvs=choice(4,8)',
  ],
  ...['--rungs', '2', '--finalists', '2', '--final-seeds', '2'],
]
/** Checkpoint files hold the seconds of training. */
const bits = (out: string) =>
  recorded(out)
    .map(({ seconds: _seconds, checkpoint: _checkpoint, policy: _policy, batch: _batch, ...row }) => row)
    .sort((a, b) => a.rung - b.rung || a.trial - b.trial)

test('killed in each rung, the same command goes on, to the results of one that was not', {
  timeout: 240_000,
}, async () => {
  const whole = join(folder, 'whole')
  expect((await runCli([...SWEEP, '--out', whole])).code).toBe(0)
  const rows = bits(whole)
  expect(rows.map(({ rung }) => rung)).toEqual([...Array(6).fill(0), 1, 1, ...Array(4).fill(2)])
  expect(new Set(rows.map(({ values }) => values.numEnvs)).size).toBe(2)

  const killed = join(folder, 'killed')
  for (const after of [1, 7]) {
    const started = startCli([...SWEEP, '--out', killed])
    expect(await eventually(() => recorded(killed).length >= after, 60, 5)).toBe(true)
    started.kill('SIGKILL')
    await started.done
    expect(existsSync(join(killed, 'result.json'))).toBe(false)
  }
  const interrupted = startCli([...SWEEP, '--out', killed])
  await interrupted.shows(/It goes on/)
  interrupted.kill('SIGINT')
  const { code, stderr } = await interrupted.done
  expect({ code, told: stderr.includes('The same command goes on') }).toEqual({ code: 75, told: true })
  expect((await runCli([...SWEEP, '--out', killed])).code).toBe(0)
  expect(bits(killed)).toEqual(rows)
  expect(readdirSync(join(killed, 'policies'))).toEqual(readdirSync(join(whole, 'policies')))
  expect(existsSync(join(killed, 'files'))).toBe(false)
  const csv = (out: string) => readFileSync(join(out, 'results.csv'), 'utf8').replace(/[^,\n]*(?=,[^,]*,[^,]*$)/gm, '')
  expect(csv(killed)).toBe(csv(whole))

  // A copy of an ended sweep goes on as that: there is nothing to do.
  cpSync(whole, join(folder, 'copy'), { recursive: true })
  const again = await runCli([...SWEEP, '--out', join(folder, 'copy')])
  expect({ code: again.code, asked: again.stderr.includes('WARNING: no GPU') }).toEqual({ code: 0, asked: false })
})
