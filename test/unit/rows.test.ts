import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Given } from '../../harness/cli/args'
import { parseCommand } from '../../harness/cli/args'
import { train } from '../../harness/commands/train'
import { watchDisk } from '../../harness/disk/disk'
import type { AgentRow } from '../../harness/figures/csv'
import { readEvery } from '../../harness/rundir/checkpoints'
import { readResume, resumeCommand } from '../../harness/rundir/resume'
import { openRows, reopenRows } from '../../harness/rundir/rows'
import { emptyCheckpoint } from '../support/checkpoint'

let folder = ''
let said: string[] = []
const watch = watchDisk((line) => said.push(line))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
  said = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const row = (agent: number, iteration: number, status = 'running'): AgentRow =>
  ({
    ...{ agent, seed: 7 + agent, iteration, timesteps: 32 * iteration, status, pgLoss: 0.1 * iteration, episodes: 1 },
    ...{ situations: [1, 2, 3, 4, 5, 6], returnMean: 20, episodicReturn: null, solvedAt: null, notFinite: null },
  }) as unknown as AgentRow
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

/** The state of the two agents after this many iterations. */
const stood = (iterations: number, goesOn = false) => [
  { iterations, goesOn: true },
  { iterations: Math.min(iterations, 3), goesOn: goesOn || iterations < 3 },
]

/** Two agents over this many iterations; the second one stops after its third. */
function write(iterations: number): void {
  const files = openRows(folder, watch)
  for (let i = 1; i <= iterations; i++) {
    files.add(row(0, i))
    if (i <= 3) files.add(row(1, i, i === 3 ? 'solved' : 'running'))
  }
  files.close()
}

describe('the rows of a run that goes on', () => {
  test.each([0, 1, 2, 3, 4, 6])('after %i of 6 iterations: both files end as if it had gone on at once', (kept) => {
    write(6)
    const whole = [read('metrics.jsonl'), read('metrics.csv')]
    writeFileSync(join(folder, 'metrics.jsonl'), `${whole[0]}{"agent":0,"se`)
    writeFileSync(join(folder, 'metrics.csv'), 'damaged')
    const { files, rows, problem } = reopenRows(folder, stood(kept), watch)
    expect(problem).toBeNull()
    expect(rows.map((agent) => agent.length)).toEqual([kept, Math.min(kept, 3)])
    for (let i = kept + 1; i <= 6; i++) {
      files.add(row(0, i))
      if (i <= 3) files.add(row(1, i, i === 3 ? 'solved' : 'running'))
    }
    files.close()
    expect([read('metrics.jsonl'), read('metrics.csv')]).toEqual(whole)
  })

  test('an agent that had stopped and goes on: its rows say so no more, and follow on its own count', () => {
    write(6)
    const lines = () => read('metrics.jsonl').trim().split('\n')
    const before = lines().map((line) => JSON.parse(line))
    const { files, rows, problem } = reopenRows(folder, stood(6, true), watch)
    expect(problem).toBeNull()
    expect(rows.map((agent) => agent.map(({ status }) => status))).toEqual([
      Array.from({ length: 6 }, () => 'running'),
      Array.from({ length: 3 }, () => 'running'),
    ])
    files.add(row(0, 7))
    files.add(row(1, 4))
    files.close()
    const wanted = [...before.map((old) => ({ ...old, status: 'running' })), row(0, 7), row(1, 4)]
    expect(lines().map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(wanted)))
    // As if it had never stopped: nothing else has changed in any line.
    expect(read('metrics.jsonl')).toBe(`${wanted.map((line) => JSON.stringify(line)).join('\n')}\n`)
    expect(read('metrics.csv')).not.toContain(',solved,')
    expect(readdirSync(folder).sort()).toEqual(['metrics.csv', 'metrics.jsonl'])

    // Again, from a checkpoint before the second agent's last row.
    const again = reopenRows(
      folder,
      [
        { iterations: 6, goesOn: true },
        { iterations: 3, goesOn: true },
      ],
      watch,
    )
    again.files.close()
    expect(lines()).toHaveLength(9)
  })

  test('rows that are not there are told', () => {
    write(6)
    expect(reopenRows(folder, stood(9), watch).problem).toMatch(/metrics\.jsonl: agent 0 has 6 rows of 9 iterations\./)
    rmSync(join(folder, 'metrics.jsonl'))
    expect(reopenRows(folder, stood(2), watch).problem).toMatch('agent 0 has 0 rows of 2 iterations')
  })

  test.each([
    ['no JSON', '{'],
    ['no row', '[]'],
    ['null', 'null'],
    ['another agent', JSON.stringify(row(2, 3))],
    ['an iteration left out', JSON.stringify(row(0, 4))],
    ['a row twice', JSON.stringify(row(0, 2))],
    ['an agent that is no number', JSON.stringify({ ...row(0, 3), agent: '__proto__' })],
    ['text for a number', JSON.stringify({ ...row(0, 3), timesteps: '=1+1' })],
  ])('%s in the middle: what follows is cut off, and told', (_, line) => {
    write(6)
    const lines = read('metrics.jsonl').split('\n')
    writeFileSync(join(folder, 'metrics.jsonl'), [...lines.slice(0, 4), line, ...lines.slice(5)].join('\n'))
    const { files, rows, problem } = reopenRows(folder, stood(6), watch)
    files.close()
    expect(problem).toMatch('line 5 is damaged; it and what follows are cut off')
    expect(rows.map((agent) => agent.length)).toEqual([2, 2])
    expect(read('metrics.jsonl')).toBe(`${lines.slice(0, 4).join('\n')}\n`)
    expect(read('metrics.csv').trim().split('\n')).toHaveLength(5)
  })

  test('lines longer than what is read at once', () => {
    const long = { ...row(0, 1), note: 'x'.repeat(3 * 2 ** 20) }
    writeFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify(long)}\n${JSON.stringify(row(0, 2))}\n`)
    const { files, rows } = reopenRows(folder, stood(2).slice(0, 1), watch)
    files.close()
    expect(rows[0].map(({ iteration }) => iteration)).toEqual([1, 2])
  })
})

const given = (...args: string[]): Given => parseCommand(train, args)

describe('--checkpoint-every', () => {
  test.each([
    ['30s', { seconds: 30 }],
    ['0.5s', { seconds: 0.5 }],
    ['10i', { iterations: 10 }],
    ['none', null],
  ])('%s', (text, every) => expect(readEvery(given('--checkpoint-every', text))).toEqual(every))
  test('is 30 s unless given', () => expect(readEvery(given())).toEqual({ seconds: 30 }))
  test.each(['', '0s', '0i', '1.5i', '10', '-1s', '1e3s', '10m', 'never', '99999999999s'])('refuses %j', (text) => {
    expect(() => readEvery(given(`--checkpoint-every=${text}`))).toThrow(/--checkpoint-every: ".*" is not seconds/)
  })
})

describe('--resume', () => {
  const put = (iteration: number, bytes = emptyCheckpoint(iteration)) =>
    writeFileSync(join(folder, `checkpoint-${String(iteration).padStart(10, '0')}.safetensors`), bytes)
  const resume = (...args: string[]) => readResume(given('--resume', folder, ...args))

  test('takes the latest checkpoint, or the one that is named', async () => {
    put(5)
    put(12)
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ env: 'CartPole-v1', preset: 'cleanrl', config: {} }))
    const { setup, resumed } = await resume()
    expect(setup).toMatchObject({ spec: { id: 'CartPole-v1' }, preset: 'cleanrl', config: { numEnvs: 4 } })
    expect(resumed.checkpoint.snapshot.iterations).toBe(12)
    const named = await readResume(given('--resume', join(folder, 'checkpoint-0000000005.safetensors')))
    expect(named.resumed.checkpoint.snapshot.iterations).toBe(5)
    expect(named.resumed.folder).toBe(folder)
  })

  test('options that are the same may be given; more timesteps, too', async () => {
    put(5)
    const { setup } = await resume('--env', 'CartPole-v1', '--num-envs', '4', '--total-timesteps', '6400')
    expect(setup.config.totalTimesteps).toBe(6400)
  })

  test.each([
    [['--set', 'gamma=0.9'], 'config.gamma: 0.9, but the checkpoint was trained with 0.99'],
    [['--seed', '2'], 'config.seed: 2, but the checkpoint was trained with 1'],
    [['--total-timesteps', '100'], 'the checkpoint has trained 160 already'],
    [['--env', 'Pendulum-v1'], '--env: Pendulum-v1, but the run is of CartPole-v1. Leave --env out.'],
    [['--preset', 'cleanrl'], '--preset: cleanrl, but the run is of default. Leave --preset out.'],
    [['--reference'], '--reference: a checkpoint is resumed on the GPU, where it was made.'],
    [['--out', 'x'], '--out: a run is resumed in its own folder.'],
  ])('%j contradicts', async (args, message) => {
    put(5)
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ preset: 'default' }))
    await expect(resume(...args)).rejects.toThrow(message)
  })

  test('a damaged one is refused with what is wrong, and the one before it offered if it is whole', async () => {
    const bad = emptyCheckpoint(12)
    put(5)
    put(12, bad.subarray(0, bad.length - 1))
    const before = join(folder, 'checkpoint-0000000005.safetensors')
    await expect(resume()).rejects.toThrow(/checkpoint-0000000012\.safetensors: /)
    await expect(resume()).rejects.toThrow(`Resume from it with:\nnpm run train -- --resume ${before}`)
    put(5, new Uint8Array(3))
    await expect(resume()).rejects.toThrow('There is no other valid checkpoint in its folder.')
    expect(readdirSync(folder)).toHaveLength(2)
  })

  test('a run without anything left to do says so, when its result is there', async () => {
    put(100, emptyCheckpoint(100, 1))
    const told = (result: object) => writeFileSync(join(folder, 'result.json'), JSON.stringify(result))
    expect((await resume()).resumed.checkpoint.snapshot.iterations).toBe(100)
    told({ interrupted: true, iterations: 100 })
    await expect(resume()).resolves.toBeDefined()
    told({ interrupted: false, iterations: 90 })
    await expect(resume()).resolves.toBeDefined()
    told({ interrupted: false, iterations: 100 })
    await expect(resume()).rejects.toThrow(
      'has finished its 3,200 timesteps. To continue, give more: --total-timesteps N.',
    )
    expect((await resume('--total-timesteps', '4000')).setup.config.totalTimesteps).toBe(4000)
    put(100, emptyCheckpoint(100, 2))
    await expect(resume()).rejects.toThrow(
      'solved its environment after 3,200 timesteps and stopped. To continue, give a total above that, different ' +
        'from its 3,200: --total-timesteps N.',
    )
    await expect(resume('--total-timesteps', '3200')).rejects.toThrow('solved its environment')
    const { setup, resumed } = await resume('--total-timesteps', '4000')
    expect(setup.config).toMatchObject({ totalTimesteps: 4000, stopWhenSolved: false })
    expect(resumed).toMatchObject({ pastSolved: true, standing: [{ iterations: 100, goesOn: true }] })
    expect((await resume('--total-timesteps', '4000', '--set', 'stopWhenSolved=false')).resumed.pastSolved).toBe(true)
    await expect(resume('--set', 'stopWhenSolved=false')).rejects.toThrow(
      'config.stopWhenSolved: false, but the checkpoint',
    )
    put(100, emptyCheckpoint(100, 3))
    await expect(resume('--total-timesteps', '4000')).rejects.toThrow('at a non-finite value')
  })

  test('what is no run says what it is not', async () => {
    await expect(readResume(given('--resume', join(folder, 'none')))).rejects.toThrow(
      'there is no such run or checkpoint',
    )
    await expect(resume()).rejects.toThrow('the folder holds no checkpoint-<iteration>.safetensors')
    const other = join(folder, 'policy.safetensors')
    writeFileSync(other, '')
    await expect(readResume(given('--resume', other))).rejects.toThrow(
      'is neither the folder of a run nor a checkpoint',
    )
  })

  test('the command that goes on can be pasted into a shell', () => {
    const command = ['train', '--resume', 'old', '--total-timesteps', '9', '--set', 'a=b c', '--resume=x', '--json']
    expect(resumeCommand("it's/here", command)).toBe(
      "npm run train -- --resume 'it'\\''s/here' --total-timesteps 9 --set 'a=b c' --json",
    )
  })
})
