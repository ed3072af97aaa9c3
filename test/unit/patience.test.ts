import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { COMPILING_MS, patiently, pipelineCreated, pipelinesOf, pipelinesRan } from '../../src/gpu/patience'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const newDevice = () => ({}) as GPUDevice
const never = new Promise<never>(() => {})
const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value))

/** Milliseconds after which `wait` rejects. */
async function rejectsAfter(wait: Promise<unknown>): Promise<number> {
  const start = performance.now()
  const failed = wait.then(
    () => Number.NaN,
    () => performance.now() - start,
  )
  await vi.advanceTimersByTimeAsync(3_600_000)
  return failed
}

test('an answer passes through, and no timer stays behind', async () => {
  const wait = patiently(newDevice(), 'metrics', after(100, 7))
  await vi.advanceTimersByTimeAsync(100)
  expect(await wait).toBe(7)
  expect(vi.getTimerCount()).toBe(0)
})

test('without an answer it gives up after 30 s, as with a lost device, and says what it waited for', async () => {
  const wait = patiently(newDevice(), 'metrics', never)
  const failed = expect(wait).rejects.toMatchObject({
    name: 'GpuError',
    exitCode: 5,
    message: expect.stringContaining('did not answer in 30 s (metrics)'),
  })
  await vi.advanceTimersByTimeAsync(30_000)
  await failed
})

test('a device that is known to be slow gets 20 times its slowest answer; another one does not', async () => {
  const slow = newDevice()
  const first = patiently(slow, 'metrics', after(5000, 0))
  await vi.advanceTimersByTimeAsync(5000)
  await first
  expect(await rejectsAfter(patiently(slow, 'metrics', never))).toBe(100_000)
  expect(await rejectsAfter(patiently(newDevice(), 'metrics', never))).toBe(30_000)
})

test('compiling has a patience of its own, and does not lengthen that for answers', async () => {
  const device = newDevice()
  const compiled = patiently(device, 'compiling', after(60_000, 0), COMPILING_MS)
  await vi.advanceTimersByTimeAsync(60_000)
  await compiled
  expect(await rejectsAfter(patiently(device, 'metrics', never))).toBe(30_000)
})

test('a device whose pipelines have not all run may be compiling them: until they have, it has that patience', async () => {
  const deviceWith = (created: number, ran: number) => {
    const device = newDevice()
    for (let i = 0; i < created; i++) pipelineCreated(device)
    expect(pipelinesOf(device)).toBe(created)
    pipelinesRan(device, ran)
    return device
  }
  const patienceOf = (device: GPUDevice) => rejectsAfter(patiently(device, 'metrics', never))
  expect(await patienceOf(deviceWith(2, 0))).toBe(COMPILING_MS)
  expect(await patienceOf(deviceWith(2, 2))).toBe(30_000)
  expect(await patienceOf(deviceWith(3, 2))).toBe(COMPILING_MS) // one more, such as of a picture
  expect(await patienceOf(deviceWith(0, 0))).toBe(30_000)

  // Of 100 s at the first dispatch, most may have been compilation: they count as 10 s. A slow device is known at once.
  for (const [took, expected] of [
    [100_000, 200_000],
    [5000, 100_000],
  ]) {
    const device = deviceWith(1, 0)
    const first = patiently(device, 'metrics', after(took, 0))
    await vi.advanceTimersByTimeAsync(took)
    await first
    pipelinesRan(device, 1)
    pipelinesRan(device, 0)
    expect(await patienceOf(device)).toBe(expected)
  }
})

/** Calls that the GPU, or its process, may answer late or never. */
const ANSWERS =
  /\b(mapAsync|onSubmittedWorkDone|popErrorScope|getCompilationInfo|create(?:Compute|Render)PipelineAsync|request(?:Adapter|Device))\(/g

/** Lines of `code` that wait for such an answer without `patiently`. */
function impatient(code: string): number[] {
  const text = code.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ' '))
  return [...text.matchAll(ANSWERS)]
    .filter(({ index }) => !callersAt(text, index).includes('patiently') && !/void [\w.]*$/.test(text.slice(0, index)))
    .map(({ index }) => text.slice(0, index).split('\n').length)
}

const sourcesIn = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|js)$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  )

/** Names before the brackets that are open at `index`. */
function callersAt(text: string, index: number): string[] {
  const names: string[] = []
  for (let i = index, depth = 0; i >= 0; i--) {
    if (text[i] === ')') depth++
    if (text[i] !== '(' || depth-- > 0) continue
    depth = 0
    names.push(/\w*$/.exec(text.slice(0, i))![0])
  }
  return names
}

test('nothing in the sources awaits the GPU without it', () => {
  // The other libraries that are measured are not checked, nor a process that is ended when it takes too long.
  const files = sourcesIn('src', 'harness', 'envs', 'examples').filter(
    (file) => !file.startsWith('harness/peers/') && file !== 'harness/compilereport/pipelines.js',
  )
  const calls = files.flatMap((file) => readFileSync(file, 'utf8').match(ANSWERS) ?? [])
  expect(calls.length).toBeGreaterThan(15)
  const found = files.flatMap((file) => impatient(readFileSync(file, 'utf8')).map((line) => `${file}:${line}`))
  expect(found).toEqual([])
})

test.each([
  ['await staging.mapAsync(READ)', [1]],
  ['\nconst done = queue.onSubmittedWorkDone()\nawait patiently(device, "x", done)', [2]],
  ['patiently(device, "x", other(1))\nawait device.popErrorScope()', [2]],
  ['await patiently(device, "x", staging.mapAsync(READ, 0, size(3)))', []],
  ['// mapAsync() waits\nvoid device.popErrorScope().catch(f)', []],
])('the search finds what it should: %s', (code, lines) => expect(impatient(code)).toEqual(lines))
