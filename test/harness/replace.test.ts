/** Nothing is replaced without --force: run folders, models, rows of the bench, archives. */
import { spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { placeOutput, writeOutput } from '../../harness/cli/outfile'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { policyFile } from '../../src/policy/policyfile'
import { runCli, startCli } from '../support/cli'

const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
const path = (...names: string[]) => join(folder, ...names)
beforeAll(buildCli)
afterAll(() => rmSync(folder, { recursive: true }))

/** Starting a browser here gives another error: there is none. */
const noBrowser = { PPO_WEBGPU_CHROME: path('no-browser') }
const TINY = ['--num-envs', '2', '--num-steps', '8', '--set', 'numMinibatches=1', '--set', 'updateEpochs=1']
const run = (...args: string[]) =>
  runCli([...args, '--reference', ...TINY, '--set', 'hidden=4', '--total-timesteps', '64'])
const read = (name: string) => readFileSync(path(name), 'utf8')
/** Names and contents of all files below a folder. */
const contents = (name: string) =>
  Object.fromEntries(
    readdirSync(path(name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'latin1')]),
  )

describe.each(['train', 'learn'])('%s --out', (command) => {
  test('a folder that holds a run: exit 2 before any browser, and nothing has changed', async () => {
    const out = path(command)
    expect((await run(command, '--out', out)).code).toBe(0)
    writeFileSync(join(out, 'notes.txt'), 'mine')
    const before = contents(command)
    const { code, stdout, stderr } = await runCli([command, ...TINY, '--out', out], noBrowser)
    expect(stderr).toMatch(
      /^error: --out: .* holds a run \(.*\)\. Name another folder, or continue the run with --resume; --force/,
    )
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(contents(command)).toEqual(before)
  })

  test('--force removes the run, and leaves what is not of it', async () => {
    const out = path(command)
    writeFileSync(path('precious'), 'precious')
    rmSync(join(out, 'metrics.csv'))
    symlinkSync(path('precious'), join(out, 'metrics.csv'))
    writeFileSync(join(out, 'checkpoint-0000000009.safetensors'), 'old')
    const { code, stderr } = await run(command, '--out', out, '--force')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(read(`${command}/notes.txt`)).toBe('mine')
    expect(read('precious')).toBe('precious')
    expect(lstatSync(join(out, 'metrics.csv')).isFile()).toBe(true)
    expect(readdirSync(out).filter((name) => /tfevents|checkpoint|tmp|lock/.test(name)).length).toBeLessThan(2)
  })

  test('--force without a browser loses nothing', async () => {
    const before = contents(command)
    expect((await runCli([command, ...TINY, '--out', path(command), '--force'], noBrowser)).code).toBe(2)
    expect(contents(command)).toEqual(before)
  })

  test.each([
    [['--force'], '--force: replaces the run in --out DIR. Give --out.'],
    [['--out='], '--out: its value is empty'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await runCli([command, ...args], noBrowser)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

test('an interrupted run is not replaced either; a run that came to nothing leaves nothing', async () => {
  mkdirSync(path('half'))
  writeFileSync(path('half', 'metrics.jsonl'), '')
  expect((await run('train', '--out', path('half'))).code).toBe(2)
  expect((await runCli(['train', '--out', path('new', 'run')], noBrowser)).code).toBe(2)
  expect(existsSync(path('new'))).toBe(false)
})

test('runs that are started in the same second have folders of their own', async () => {
  const cwd = process.cwd()
  mkdirSync(path('cwd'))
  process.chdir(path('cwd')) // where the runs are written
  try {
    const all = await Promise.all(Array.from({ length: 6 }, () => run('train', '--json')))
    const outs = all.map(({ stdout, stderr }) => (stdout ? JSON.parse(stdout).out : stderr))
    expect(new Set(outs).size).toBe(6)
    for (const out of outs) {
      const { weightsHash, out: own } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
      expect(own).toBe(out)
      expect(weightsHash).toBe(JSON.parse(all[0].stdout).weightsHash)
      expect(readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(4)
    }
  } finally {
    process.chdir(cwd)
  }
})

test('of runs that are given the same folder at once one is trained', async () => {
  const out = path('contested')
  const all = await Promise.all(Array.from({ length: 4 }, () => run('train', '--out', out, '--json')))
  expect(all.map(({ code }) => code).sort()).toEqual([0, 2, 2, 2])
  for (const { code, stderr } of all) if (code === 2) expect(stderr).toMatch(/is training in|holds a run/)
  expect(read('contested/metrics.jsonl').trim().split('\n')).toHaveLength(4)
})

test('a folder in use is refused also with --force; after SIGKILL of its process it is free', async () => {
  const out = path('used')
  const args = ['train', '--reference', ...TINY, '--set', 'stopWhenSolved=false', '--total-timesteps', '100_000_000']
  const first = startCli([...args, '--out', out])
  await first.shows(/steps\/s/)
  const second = await run('train', '--out', out, '--force')
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`process ${first.pid} is training in ${out}`),
  })
  first.kill('SIGKILL')
  await first.done
  expect(existsSync(join(out, 'run.lock'))).toBe(true)
  expect((await run('train', '--out', out, '--force')).code).toBe(0)
  expect(existsSync(join(out, 'run.lock'))).toBe(false)
})

test('a log for TensorBoard that cannot be made costs a warning, and no result', async () => {
  mkdirSync(path('crowded'))
  for (const name of ['agent-0', 'agent-1']) writeFileSync(path('crowded', name), 'mine')
  const { code, stderr } = await run('train', '--num-agents', '2', '--out', path('crowded'))
  expect(code).toBe(0)
  expect(stderr).toMatch(/^WARNING: the log for TensorBoard could not be made \(EEXIST/)
  expect(JSON.parse(read('crowded/result.json')).iterations).toBe(4)
  for (const name of ['policy-1.safetensors', 'learning-curve.svg'])
    expect(existsSync(path('crowded', name))).toBe(true)
  expect(read('crowded/agent-0')).toBe('mine')
})

test('a reader of the messages that goes away ends no run', async () => {
  const args = [
    'train',
    '--reference',
    ...TINY,
    '--set',
    'stopWhenSolved=false',
    '--total-timesteps',
    '40_000',
    '--json',
  ]
  const child = spawn(process.execPath, ['dist/cli.js', ...args, '--out', path('unwatched')])
  child.stderr.once('data', () => child.stderr.destroy())
  let stdout = ''
  child.stdout.on('data', (text) => void (stdout += text))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, timesteps: JSON.parse(stdout).timesteps }).toEqual({ code: 0, timesteps: 40_000 })
})

describe('export', () => {
  const shape: NetworkShape = {
    ...{ obsDim: 4, actionDim: 2, actorHidden: [4], criticHidden: [4], activation: 'tanh', dist: 'categorical' },
  }
  const policy = path('p.safetensors')
  beforeAll(() =>
    writeFileSync(policy, policyFile('CartPole-v1', shape, new Float32Array(layoutNetwork(shape).paramStride))),
  )

  test('--out FILE that is there stays, unless --force', async () => {
    writeFileSync(path('model.onnx'), 'mine')
    const refused = await runCli(['export', policy, '--out', path('model.onnx')])
    expect(refused.stderr).toContain(`${path('model.onnx')} is there already. Name another file, or give --force`)
    expect({ code: refused.code, model: read('model.onnx') }).toEqual({ code: 2, model: 'mine' })
    expect((await runCli(['export', policy, '--out', path('model.onnx'), '--force'])).code).toBe(0)
    expect(readFileSync(path('model.onnx')).length).toBeGreaterThan(100)
  })

  test('a link stays as well, and --force replaces the link, not what it leads to', async () => {
    writeFileSync(path('target'), 'mine')
    for (const [link, target] of [
      ['to', 'target'],
      ['dangling', 'nothing'],
    ]) {
      symlinkSync(path(target), path(link))
      expect((await runCli(['export', policy, '--out', path(link)])).code).toBe(2)
      expect((await runCli(['export', policy, '--out', path(link), '--force'])).code).toBe(0)
      expect(lstatSync(path(link)).isFile()).toBe(true)
    }
    expect(read('target')).toBe('mine')
    expect(existsSync(path('nothing'))).toBe(false)
  })

  test('the model beside its policy is made anew; never the policy itself is replaced, nor a folder', async () => {
    writeFileSync(path('p.onnx'), 'old')
    expect((await runCli(['export', policy])).code).toBe(0)
    expect(read('p.onnx')).not.toBe('old')
    mkdirSync(path('folder'))
    for (const [out, message] of [
      [policy, 'is the policy itself'],
      [path('folder'), 'it is a folder'],
    ]) {
      const { code, stderr } = await runCli(['export', policy, '--out', out, '--force'])
      expect({ code, told: stderr.includes(message) }, stderr).toEqual({ code: 2, told: true })
    }
    expect(readFileSync(policy).length).toBeGreaterThan(100)
    expect((await runCli(['export', policy, '--out', '/dev/null'])).code).toBe(0)
  })
})

describe('bench', () => {
  const rows = 'harness/results/2026-11-21-google-swiftshader-2-cores.json'

  test.each(['json', 'plot'])('--%s FILE that is there stays, unless --force', async (flag) => {
    const file = path(`rows.${flag}`)
    writeFileSync(file, 'mine')
    const refused = await runCli(['bench', `--${flag}`, file], noBrowser)
    expect(refused.stderr).toContain(`--${flag}: ${file} is there already.`)
    expect({ code: refused.code, text: readFileSync(file, 'utf8') }).toEqual({ code: 2, text: 'mine' })
    expect((await runCli(['bench', '--from', rows, `--${flag}`, file, '--force'])).code).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toBe('mine')
  })

  test('--json FOLDER: rows of the same day and machine stay', async () => {
    mkdirSync(path('kept'))
    for (let i = 0; i < 2; i++) expect((await runCli(['bench', '--from', rows, '--json', path('kept')])).code).toBe(0)
    expect(readdirSync(path('kept')).sort()).toEqual([
      '2026-11-21-google-swiftshader-2-cores-2.json',
      '2026-11-21-google-swiftshader-2-cores.json',
    ])
    const both = readdirSync(path('kept')).map((name) => readFileSync(path('kept', name), 'utf8'))
    expect(both[0]).toBe(both[1])
  })

  test('one file for both is refused, and a bench that is refused makes none', async () => {
    const { code, stderr } = await runCli(['bench', '--json', path('both'), '--plot', path('both')], noBrowser)
    expect({ code, told: stderr.includes('is the file of --json, too') }).toEqual({ code: 2, told: true })
    expect((await runCli(['bench', '--json', path('new.json')], noBrowser)).code).toBe(2)
    expect(existsSync(path('new.json'))).toBe(false)
  })
})

test('pack --out FILE that is there stays', async () => {
  writeFileSync(path('pack.tar.gz'), 'mine')
  const { code, stderr } = await runCli(['pack', '--out', path('pack.tar.gz')])
  expect({ code, told: stderr.includes('is there already') }).toEqual({ code: 2, told: true })
  expect(read('pack.tar.gz')).toBe('mine')
})

test('a file that came while the work was done stays, and the result gets a name of its own', () => {
  mkdirSync(path('late'))
  const file = path('late', 'rows.json')
  writeFileSync(file, 'another process')
  expect(writeOutput(file, 'mine', false)).toBe(path('late', 'rows-2.json'))
  expect(writeOutput(file, 'mine', false)).toBe(path('late', 'rows-3.json'))
  writeFileSync(path('late', 'made'), 'archive')
  expect(placeOutput(path('late', 'made'), file, true)).toBe(file)
  expect(read('late/rows.json')).toBe('archive')
  expect(readdirSync(path('late')).sort()).toEqual(['rows-2.json', 'rows-3.json', 'rows.json'])
})
