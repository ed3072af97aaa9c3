import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openAppended } from '../../harness/disk/appended'
import { type DiskWatch, disk, makeFolder, watchDisk, writeWhole } from '../../harness/disk/disk'
import { listCheckpoints, openCheckpoint, writeCheckpoint } from '../../harness/rundir/checkpoints'
import { removeTemporary } from '../../harness/rundir/files'
import { emptyCheckpoint } from '../support/checkpoint'

let folder = ''
let said: string[] = []
let watch: DiskWatch
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
  said = []
  watch = watchDisk((line) => said.push(line))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** An error as the system would report it. */
const systemError = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall, errno: -1 })
type Operation = keyof typeof disk

/** The operation fails from now on, or this many times. */
function refuse(operation: Operation, code = 'ENOSPC', times = Number.POSITIVE_INFINITY): void {
  const real = disk[operation] as (...args: unknown[]) => unknown
  vi.spyOn(disk, operation).mockImplementation(((...args: unknown[]) => {
    if (times-- > 0) throw systemError(code, operation)
    return real(...args)
  }) as never)
}

/** Writes half of the data, then fails, like a full disk. */
function fillUp(): void {
  const real = disk.writeSync as (fd: number, bytes: Uint8Array, from: number, length: number, at: number) => number
  let full = false
  vi.spyOn(disk, 'writeSync').mockImplementation(((fd: number, b: Uint8Array, from: number, n: number, at: number) => {
    if (full) throw systemError('ENOSPC', 'write')
    full = true
    return real(fd, b, from, Math.floor(n / 2), at)
  }) as never)
}

const text = (name: string) => readFileSync(join(folder, name), 'utf8')

describe('what decorates', () => {
  test('costs a warning when it fails, told once and again at the end; and nothing else', () => {
    expect(watch.decorate('the picture', () => 3)).toBe(3)
    const fail = () => {
      throw new RangeError('Maximum call stack size exceeded')
    }
    for (let i = 0; i < 3; i++) expect(watch.decorate('the picture', fail)).toBeUndefined()
    expect(said).toEqual([
      'WARNING: the picture could not be made (Maximum call stack size exceeded). Nothing else is lost by it.',
    ])
    watch.report()
    expect(said).toHaveLength(2)
  })
})

describe('writeWhole', () => {
  test.each<Operation>(['openSync', 'writeSync', 'fsyncSync', 'renameSync'])(
    'a refused %s leaves the old file, and nothing beside it',
    (operation) => {
      writeWhole(join(folder, 'a'), 'old')
      refuse(operation)
      expect(() => writeWhole(join(folder, 'a'), 'new')).toThrow('ENOSPC')
      expect(readdirSync(folder)).toEqual(['a'])
      expect(text('a')).toBe('old')
    },
  )

  test('a disk that fills up leaves the old file; what a killed process left is removed', () => {
    writeWhole(join(folder, 'a'), 'old')
    fillUp()
    expect(() => writeWhole(join(folder, 'a'), 'something new')).toThrow('ENOSPC')
    vi.restoreAllMocks()
    expect(text('a')).toBe('old')
    for (const name of ['.checkpoint-0000000001.safetensors.123.tmp', '.metrics.csv.123-0badf00d.tmp']) {
      writeFileSync(join(folder, name), 'torn')
    }
    writeFileSync(join(folder, '.mine.123.tmp'), "the user's")
    removeTemporary(folder)
    expect(readdirSync(folder).sort()).toEqual(['.mine.123.tmp', 'a'])
  })

  test('temporary names are never those of another process, also one with the same id elsewhere', () => {
    const made: string[] = []
    const real = disk.openSync
    vi.spyOn(disk, 'openSync').mockImplementation((path, ...more) => {
      if (String(path).endsWith('.tmp')) made.push(String(path))
      return real(path, ...more)
    })
    for (let i = 0; i < 50; i++) writeWhole(join(folder, 'a'), `${i}`)
    expect(new Set(made).size).toBe(50)
  })

  test('a folder that another process makes in between is there, and a file is not one', () => {
    const real = disk.mkdirSync
    vi.spyOn(disk, 'mkdirSync').mockImplementation(((path: string) => {
      real(path)
      throw systemError('EEXIST', 'mkdir')
    }) as never)
    expect(makeFolder(join(folder, 'x', 'y'))).toEqual([])
    vi.restoreAllMocks()
    expect(makeFolder(join(folder, 'x', 'z', 'w'))).toEqual([join(folder, 'x', 'z'), join(folder, 'x', 'z', 'w')])
    writeFileSync(join(folder, 'file'), '')
    expect(() => makeFolder(join(folder, 'file', 'y'))).toThrow('ENOTDIR')
  })

  test('makes a folder that has vanished; where a file stands in its place, that is an error', () => {
    writeWhole(join(folder, 'deep', 'er', 'a'), 'x')
    expect(text('deep/er/a')).toBe('x')
    rmSync(join(folder, 'deep'), { recursive: true })
    writeFileSync(join(folder, 'deep'), '')
    expect(() => writeWhole(join(folder, 'deep', 'a'), 'x')).toThrow('ENOTDIR')
  })
})

describe('checkpoints', () => {
  const write = (iteration: number) => writeCheckpoint(folder, emptyCheckpoint(iteration), watch)
  const iterations = () => listCheckpoints(folder).map(({ iteration }) => iteration)

  test('the last two are kept, under names that sort', () => {
    for (const iteration of [1, 20, 3, 100]) write(iteration)
    expect(readdirSync(folder)).toEqual(['checkpoint-0000000020.safetensors', 'checkpoint-0000000100.safetensors'])
    expect(iterations()).toEqual([100, 20])
    expect(openCheckpoint(listCheckpoints(folder)[0].path).checkpoint.snapshot.iterations).toBe(100)
    expect(said).toEqual([])
  })

  test.each<Operation>(['openSync', 'writeSync', 'fsyncSync', 'renameSync'])(
    'a refused %s: a warning, once, and again at the end; the ones before stay, and later ones are written',
    (operation) => {
      write(1)
      write(2)
      refuse(operation, 'EROFS')
      expect([write(3), write(4)]).toEqual([false, false])
      expect(iterations()).toEqual([2, 1])
      expect(openCheckpoint(listCheckpoints(folder)[0].path).checkpoint.snapshot.iterations).toBe(2)
      expect(said).toHaveLength(1)
      expect(said[0]).toMatch(
        /^WARNING: cannot write checkpoints: EROFS: .* Make the disk writable\. Training continues\.$/,
      )
      vi.restoreAllMocks()
      expect(write(5)).toBe(true)
      expect(iterations()).toEqual([5, 2])
      watch.report()
      expect(said.slice(1)).toEqual(['WARNING: could not write checkpoints (EROFS), 2 times.'])
    },
  )

  test('an error that is not the disk’s is thrown', () => {
    expect(() => watch.attempt('x', () => JSON.parse('{'))).toThrow(SyntaxError)
    expect(() => writeCheckpoint(folder, new Uint8Array(20), watch)).toThrow('checkpoint')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a file that grows', () => {
  const open = () => openAppended(join(folder, 'f'), watch, null, () => 'head\n')
  /** Waits until a failed write may be retried. */
  const later = () => vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 5000)

  test('what a full disk refuses is written when there is space again: nothing twice, nothing lost', () => {
    const file = open()
    file.add('one\n')
    file.flush()
    fillUp()
    for (const line of ['two\n', 'three\n']) {
      file.add(line)
      file.flush()
    }
    expect(text('f')).toBe('one\ntw')
    vi.restoreAllMocks()
    later()
    file.add('four\n')
    file.flush()
    file.close()
    expect(text('f')).toBe('one\ntwo\nthree\nfour\n')
    expect(said).toHaveLength(1)
  })

  test('what is refused to the end is told, and no torn line stays', () => {
    const file = open()
    file.add('one\n')
    file.flush()
    fillUp()
    file.add('two\n')
    file.flush()
    file.close()
    expect(text('f')).toBe('one\n')
    expect(said).toContain('WARNING: f: its last 4 bytes could not be written.')
  })

  test('a file that was moved away is begun anew, with its head, and that is told', () => {
    const file = open()
    file.add('one\n')
    file.flush()
    renameSync(join(folder, 'f'), join(folder, 'g'))
    file.add('two\n')
    file.close()
    expect(text('g')).toBe('one\n')
    expect(text('f')).toBe('head\ntwo\n')
    expect(said).toEqual([expect.stringMatching(/^WARNING: .* was moved, removed or replaced; it lacks/)])
  })

  test('with a file in place of its folder, nothing is thrown', () => {
    const own = join(folder, 'run')
    writeWhole(join(own, 'x'), '')
    const file = openAppended(join(own, 'f'), watch)
    rmSync(own, { recursive: true })
    writeFileSync(own, '')
    file.add('one\n')
    file.flush()
    file.sync()
    file.close()
    expect(said[0]).toMatch(/^WARNING: cannot write f: ENOTDIR: .* Put its folder back\. Training continues\.$/)
  })

  test('goes on after its first bytes, and cuts off the rest', () => {
    writeFileSync(join(folder, 'f'), 'one\ntwo\nthr')
    const file = openAppended(join(folder, 'f'), watch, 4)
    file.add('2\n')
    file.close()
    expect(text('f')).toBe('one\n2\n')
  })
})
