import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { eventually, runCli, type Started, startCli } from '../support/cli'
import { readEvents } from '../support/events'
import {
  checkpoints,
  expectSame,
  FUSED,
  folder,
  read,
  readJson,
  rowsIn,
  set,
  startUntil,
  useFolder,
  WAIT_SECONDS,
  whole,
} from './interrupted'

useFolder()

describe('a run that is interrupted and goes on', () => {
  test('ends as one that was not: fused, interrupted twice', { timeout: 900_000 }, async () => {
    const options = [...FUSED, '--total-timesteps', '81920']
    await whole('fused', options)
    const out = join(folder, 'fused-parts')
    const first = await startUntil('fused-parts', 20, ['train', ...options, '--checkpoint-every', '8i', '--out', out])
    first.kill('SIGINT')
    const { code, stderr } = await first.done
    expect(code).toBe(75)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(`Resume with: npm run train -- --resume ${out}`)
    const trained = readJson('fused-parts', 'result.json')
    expect(trained).toMatchObject({ interrupted: true })
    expect(trained.iterations).toBeLessThan(320)
    expect(rowsIn('fused-parts')).toBe(trained.iterations)
    expect(checkpoints('fused-parts').at(-1)).toBe(
      `checkpoint-${String(trained.iterations).padStart(10, '0')}.safetensors`,
    )
    expect(checkpoints('fused-parts').length).toBeLessThanOrEqual(2)

    const config = read('fused-parts', 'config.json')
    const second = await startUntil('fused-parts', trained.iterations + 20, ['train', '--resume', out])
    second.kill('SIGTERM')
    expect((await second.done).code).toBe(75)
    const again = readJson('fused-parts', 'result.json')
    expect(again.iterations).toBeGreaterThan(trained.iterations)
    expect(again.wallSeconds).toBeGreaterThan(trained.wallSeconds)

    const last = await runCli(['train', '--resume', out, '--json'])
    expect(last.code).toBe(0)
    expect(last.stderr).not.toContain('bits')
    expectSame('fused-parts', 'fused')
    const { wallSeconds, sps, timesteps } = readJson('fused-parts', 'result.json')
    expect(wallSeconds).toBeGreaterThan(again.wallSeconds)
    expect(Math.abs((sps * wallSeconds) / timesteps - 1)).toBeLessThan(1e-3)
    expect(read('fused-parts', 'config.json')).toBe(config)
    const facts = readJson('fused-parts', 'facts.json')
    expect(facts.resumed.map((session: { fromIteration: number }) => session.fromIteration)).toEqual([
      trained.iterations,
      again.iterations,
    ])
    const logs = readdirSync(out).filter((file) => file.includes('tfevents'))
    expect(logs).toHaveLength(3)
    const steps = logs.map((file) => readEvents(join(out, file)).filter((event) => 'losses/loss' in event.scalars))
    expect(steps.flat().map(({ step }) => step)).toEqual(Array.from({ length: 320 }, (_, i) => 256 * (i + 1)))

    const finished = await runCli(['train', '--resume', out])
    expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('has finished its 81,920 timesteps') })
    const more = await runCli(['train', '--resume', out, '--total-timesteps', '86016', '--json'])
    expect(more.code).toBe(0)
    expect(JSON.parse(more.stdout)).toMatchObject({ timesteps: 86_016, iterations: 336 })
    expect(readJson('fused-parts', 'config.json').config.totalTimesteps).toBe(86_016)
    expect(rowsIn('fused-parts')).toBe(336)
  })

  test('a second signal ends it at once, and the last checkpoint stays whole', { timeout: 600_000 }, async () => {
    const out = join(folder, 'twice')
    const args = ['train', ...FUSED, '--set', 'numSteps=1024', '--total-timesteps', '10000000', '--out', out]
    const slow = args.filter((_, i) => args[i] !== '--num-steps' && args[i - 1] !== '--num-steps')
    const running = await startUntil('twice', 8, [...slow, '--checkpoint-every', '1i'])
    await eventually(() => checkpoints('twice').length > 0, WAIT_SECONDS)
    running.kill('SIGSTOP') // nothing is finished between the signals
    running.kill('SIGINT')
    running.kill('SIGCONT')
    await running.shows(/once more to end at once/)
    const { code } = await endSoon(running)
    expect([75, 130]).toContain(code)
    for (const file of checkpoints('twice')) readCheckpoint(new Uint8Array(readFileSync(join(out, file))))
    expect(checkpoints('twice').length).toBeGreaterThan(0)
    expect(readdirSync(out).filter((file) => file.endsWith('.tmp'))).toEqual([])
  })
})

/** A second Ctrl-C counts when more than a second has passed since the first. */
async function endSoon(running: Started): ReturnType<typeof runCli> {
  const timer = setTimeout(() => running.kill('SIGINT'), 1200)
  const finished = await running.done
  clearTimeout(timer)
  return finished
}

test('the commands of README.md and docs/runs.md: train until solved, eval, go on with more timesteps; as one that was not told to stop', {
  timeout: 900_000,
}, async () => {
  const options = [...set('hidden=32'), '--adapter', 'software']
  const out = join(folder, 'solved')
  await whole('solved', options)
  const solved = readJson('solved', 'result.json')
  expect(solved).toMatchObject({ interrupted: false, solvedAt: solved.timesteps })
  expect(solved.timesteps).toBeLessThan(290_000)
  const evaluated = await runCli(['eval', out, '--json'])
  expect(JSON.parse(evaluated.stdout).meanReturn).toBeGreaterThan(400)

  const stopped = await runCli(['train', '--resume', out])
  expect(stopped.code).toBe(2)
  expect(stopped.stderr).toMatch(
    /solved its environment after [\d,]+ timesteps and stopped\. To continue, .* --total-timesteps N/,
  )
  const more = ['--total-timesteps', '305_000', '--json', '--adapter', 'software']
  const rest = await runCli(['train', '--resume', out, ...more])
  expect({ code: rest.code, stderr: rest.stderr }).toMatchObject({ code: 0 })
  expect(rest.stderr).toContain('from here on that does not end the run (stopWhenSolved false).')
  const result = JSON.parse(rest.stdout)
  expect(result).toMatchObject({ timesteps: 303_104, solvedAt: solved.timesteps, iterations: 148 })
  expect(readJson('solved', 'config.json').config).toMatchObject({ totalTimesteps: 305_000, stopWhenSolved: false })
  expect(read('solved', 'metrics.jsonl')).not.toContain('"solved"')

  // The same run without the stop, interrupted after the same iteration, and given the same new end there.
  const free = join(folder, 'free')
  const args = ['train', ...options, ...set('stopWhenSolved=false'), '--checkpoint-every', `${solved.iterations}i`]
  const running = startCli([...args, '--out', free])
  const at = `checkpoint-${String(solved.iterations).padStart(10, '0')}.safetensors`
  const kept = join(folder, at)
  expect(await eventually(() => copied(join(free, at), kept), WAIT_SECONDS, 5)).toBe(true)
  running.kill('SIGINT')
  expect((await running.done).code).toBe(75)
  copyFileSync(kept, join(free, at)) // a fast machine has written two later ones, and removed it
  expect((await runCli(['train', '--resume', join(free, at), ...more])).code).toBe(0)
  expectSame('solved', 'free')

  const again = await runCli(['train', '--resume', out, '--adapter', 'software'])
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('has finished its 305,000 timesteps') })
})

/** Whether there is such a file; it is then copied. */
function copied(path: string, to: string): boolean {
  if (!existsSync(path)) return false
  copyFileSync(path, to)
  return true
}

test('two processes cannot go on with one run', { timeout: 600_000 }, async () => {
  const out = join(folder, 'twice-resumed')
  const first = await startUntil('twice-resumed', 8, ['train', ...FUSED, '--checkpoint-every', '4i', '--out', out])
  await eventually(() => checkpoints('twice-resumed').length > 0, WAIT_SECONDS)
  const second = await runCli(['train', '--resume', out])
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`process ${first.pid} is training in ${out}`),
  })
  first.kill('SIGKILL')
  await first.done
  const going = startCli(['train', '--resume', out])
  await going.shows(/Resuming /)
  going.kill('SIGTERM')
  expect((await going.done).code).toBe(75)
  expect(existsSync(join(out, 'run.lock'))).toBe(false)
})

describe('a disk that fails while training', () => {
  const args = (out: string) => [
    'train',
    ...FUSED,
    '--total-timesteps',
    '40960',
    '--checkpoint-every',
    '8i',
    '--out',
    out,
  ]

  test('the folder is replaced by a file: training goes on to its end, with warnings', {
    timeout: 600_000,
  }, async () => {
    const out = join(folder, 'replaced')
    const running = await startUntil('replaced', 20, args(out))
    renameSync(out, `${out}-moved`)
    writeFileSync(out, '')
    const { code, stdout, stderr } = await running.done
    expect(code).toBe(0)
    expect(stdout).toContain('40,960 steps, ')
    expect(stderr).toMatch(/WARNING: cannot write checkpoints: ENOTDIR/)
    expect(stderr.match(/WARNING: cannot write checkpoints/g)).toHaveLength(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^WARNING: could not write .*policy\.safetensors \(ENOTDIR\), 1 time/,
    )
    for (const file of checkpoints('replaced-moved')) {
      readCheckpoint(new Uint8Array(readFileSync(join(folder, 'replaced-moved', file))))
    }
  })

  test('the folder vanishes: it is made again, and the policy is in it', { timeout: 600_000 }, async () => {
    const out = join(folder, 'vanished')
    const running = await startUntil('vanished', 20, args(out))
    renameSync(out, `${out}-gone`) // at once: while it is emptied, the run would fill it again
    rmSync(`${out}-gone`, { recursive: true })
    const { code, stderr } = await running.done
    expect(code).toBe(0)
    expect(stderr).toMatch(/WARNING: .*metrics\.jsonl was moved, removed or replaced/)
    expect(existsSync(join(out, 'policy.safetensors'))).toBe(true)
    expect(checkpoints('vanished').at(-1)).toBe('checkpoint-0000000160.safetensors')
  })

  test.skipIf(!canMount())(
    'a full disk: the last checkpoint stays, and the rest is told',
    { timeout: 600_000 },
    async () => {
      const out = join(folder, 'full')
      mkdirSync(out)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', out])
      try {
        const running = await startUntil('full/run', 20, args(join(out, 'run')))
        const { code, stderr } = await running.done
        expect(code).toBe(0)
        expect(stderr).toMatch(/WARNING: cannot write .*ENOSPC.* Free some space\./)
        expect(stderr).toMatch(/WARNING: could not write .*ENOSPC/)
      } finally {
        execFileSync('umount', [out])
      }
    },
  )
})

/** Whether this process may mount a small disk. */
function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' })
    execFileSync('umount', [place])
    return true
  } catch {
    return false
  } finally {
    rmSync(place, { recursive: true })
  }
}
