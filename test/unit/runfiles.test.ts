/** The folder of a run: which process may use it, and which files of an earlier run are removed. */
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { watchDisk } from '../../harness/disk/disk'
import { claimFolder, LOCK_FILE, type Owner } from '../../harness/rundir/claim'
import { isTemporary, listRunFiles } from '../../harness/rundir/files'
import { claimNewRun, claimOldRun, defaultRunPath, type NewRun } from '../../harness/rundir/place'
import { openRunDir } from '../../harness/rundir/rundir'

const watch = watchDisk((line) => {
  throw new Error(line)
})
let folder = ''
let out = ''
const home = process.cwd()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
  out = join(folder, 'run')
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

const put = (name: string, content = name) => {
  mkdirSync(join(out, name, '..'), { recursive: true })
  writeFileSync(join(out, name), content)
}
const below = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort()
const claim = (options: Partial<NewRun> = {}) => claimNewRun({ out, force: false, name: 'Env', seed: 1, ...options })

const OURS = [
  ...['config.json', 'facts.json', 'result.json', 'learn.json', 'metrics.jsonl', 'metrics.csv', 'learning-curve.svg'],
  ...['policy.safetensors', 'policy-0.safetensors', 'policy-32766.safetensors', 'checkpoint-0000000012.safetensors'],
  ...[
    'not-finite-3.safetensors',
    'not-finite-3-agent-0.safetensors',
    '.metrics.csv.7-0badf00d.tmp',
    '.result.json.7.tmp',
  ],
  ...['events.out.tfevents.1.ppo-webgpu.000', 'agent-0/events.out.tfevents.1.ppo-webgpu.001'],
]
const OTHERS = [
  ...['notes.txt', 'policy.onnx', 'policy-01.safetensors', 'policy-best.safetensors', 'my-policy.safetensors'],
  ...['config.json.bak', 'metrics.csv~', 'checkpoint-1.safetensors', 'events.out.tfevents.1.other-host.1', '.x.7.tmp'],
  ...['agent-0/notes.txt', 'agent-64/events.out.tfevents.1.ppo-webgpu.000', 'agent-x/metrics.csv', 'sub/config.json'],
  ...['Policy.safetensors', 'not-finite-x.safetensors', 'learning-curve.png', 'checkpoint-0000000012.safetensors.old'],
]

describe('a folder that holds a run', () => {
  test.each(OURS)('is refused for %s, and nothing changes; --force removes it', (name) => {
    put(name)
    for (const other of OTHERS) put(other)
    const before = below(out)
    expect(() => claim()).toThrow(/^--out: .*run holds a run \(.*--force removes/)
    expect(below(out)).toEqual(before)
    const claimed = claim({ force: true })
    openRunDir(claimed, watch).close()
    expect(below(out)).toEqual([...OTHERS, 'metrics.csv', 'metrics.jsonl'].sort())
    for (const other of OTHERS) expect(readFileSync(join(out, other), 'utf8')).toBe(other)
  })

  test('names some of the files, and counts the others', () => {
    for (const name of OURS) put(name)
    expect(() => claim()).toThrow(/holds a run \(\S+, \S+, \S+ and \d+ more\)\. Name another folder, or continue/)
    expect(
      listRunFiles(out)
        .map((path) => relative(out, path))
        .sort(),
    ).toEqual([...OURS].sort())
  })

  test('other files are no run, and stay', () => {
    for (const other of OTHERS) put(other)
    const dir = openRunDir(claim(), watch)
    expect(below(out)).toEqual([...OTHERS, LOCK_FILE, 'metrics.csv', 'metrics.jsonl'].sort())
    dir.close()
    expect(below(out)).not.toContain(LOCK_FILE)
  })

  test('the folder of an agent that held nothing else goes with its events', () => {
    put('agent-3/events.out.tfevents.1.ppo-webgpu.000')
    mkdirSync(join(out, 'agent-4')) // empty, so its owner is unknown
    openRunDir(claim({ force: true }), watch).close()
    expect(existsSync(join(out, 'agent-3'))).toBe(false)
  })

  test('links are removed themselves; where they lead to stays', () => {
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    const event = 'events.out.tfevents.1.ppo-webgpu.000'
    for (const name of ['precious', event]) writeFileSync(join(elsewhere, name), name)
    mkdirSync(join(out, 'agent-1'), { recursive: true })
    for (const name of ['metrics.jsonl', 'checkpoint-0000000001.safetensors', `agent-1/${event}`]) {
      symlinkSync(join(elsewhere, 'precious'), join(out, name))
    }
    symlinkSync(join(elsewhere, 'nothing'), join(out, 'metrics.csv'))
    symlinkSync(elsewhere, join(out, 'agent-0'))
    symlinkSync(elsewhere, join(out, 'mine'))
    expect(() => claim()).toThrow('holds a run')
    openRunDir(claim({ force: true }), watch).close()
    expect(readdirSync(out).sort()).toEqual(['metrics.csv', 'metrics.jsonl', 'mine'])
    for (const name of ['metrics.csv', 'metrics.jsonl']) expect(lstatSync(join(out, name)).isFile()).toBe(true)
    expect(below(elsewhere)).toEqual([event, 'precious'])
    expect(readFileSync(join(elsewhere, 'precious'), 'utf8')).toBe('precious')
  })

  test('a link to a folder, named as --out, leads there and stays', () => {
    put('metrics.csv')
    symlinkSync(out, join(folder, 'link'))
    expect(() => claim({ out: join(folder, 'link') })).toThrow('holds a run')
    openRunDir(claim({ out: join(folder, 'link'), force: true }), watch).close()
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(out, 'metrics.csv'), 'utf8')).toBe('')
  })

  test.each(['policy.safetensors', 'metrics.jsonl', 'agent-0/events.out.tfevents.1.ppo-webgpu.000'])(
    'a folder named %s is an error, also with --force, and nothing is removed',
    (name) => {
      put(`${name}/precious`)
      put('config.json')
      for (const force of [false, true]) {
        expect(() => claim({ force })).toThrow(`${join(out, name)}: is a folder, where a run writes a file.`)
      }
      expect(below(out)).toEqual([`${name}/precious`, 'config.json'].sort())
    },
  )

  test('only half-written files of a run are temporary ones', () => {
    expect(['.policy.safetensors.1.tmp', '.metrics.csv.12-abcdef01.tmp'].every(isTemporary)).toBe(true)
    expect(
      ['.a.1.tmp', 'policy.safetensors.1.tmp', '.policy.safetensors.tmp', '.policy.safetensors.1.tmp2'].some(
        isTemporary,
      ),
    ).toBe(false)
  })
})

describe('a new folder', () => {
  test('of the same second gets a number', () => {
    const claims = Array.from({ length: 20 }, () => claim({ out: undefined }))
    expect(new Set(claims.map(({ path }) => path)).size).toBe(20)
    for (const { path } of claims) expect(path).toMatch(/^.*\/runs\/Env-s1-\d{8}-\d{6}(-\d+)?$/)
    for (const { release } of claims.reverse()) release()
    expect(existsSync(join(folder, 'runs'))).toBe(false) // nothing was written
  })

  test('never is one that is there, whatever it is', () => {
    const start = Date.now()
    const taken = [0, 1, 2].map((second) => resolve(defaultRunPath('Env', 1, new Date(start + 1000 * second))))
    for (const path of taken) mkdirSync(path, { recursive: true })
    for (const path of taken) writeFileSync(`${path}-2`, '')
    const { path, release } = claim({ out: undefined })
    expect(taken.map((other) => `${other}-3`)).toContain(path)
    release()
  })

  test('that came to nothing is removed, with the folders above that were made for it', () => {
    const { release } = claim({ out: join(folder, 'a', 'b', 'c') })
    expect(existsSync(join(folder, 'a', 'b', 'c', LOCK_FILE))).toBe(true)
    release()
    expect(readdirSync(folder)).toEqual([])
    const dir = openRunDir(claim({ out: join(folder, 'a', 'b') }), watch)
    dir.json('config', {})
    dir.discard()
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a folder that a process has', () => {
  /** A separate process that has locked `out`. */
  const lockOf = (owner: object) => put(LOCK_FILE, JSON.stringify(owner))
  const own = (): Owner => {
    const held = claimFolder('--out', out)
    const content = JSON.parse(readFileSync(join(out, LOCK_FILE), 'utf8'))
    held.release()
    return content
  }
  const age = (seconds: number) => {
    const at = new Date(Date.now() - 1000 * seconds)
    utimesSync(join(out, LOCK_FILE), at, at)
  }
  beforeEach(() => mkdirSync(out))

  test('is refused to another, new or going on, and free again when it has ended', () => {
    const first = claim()
    expect(() => claim()).toThrow(`process ${process.pid} is training in ${out}. Wait until it has ended`)
    expect(() => claim({ force: true })).toThrow('is training in')
    expect(() => claimOldRun(out)).toThrow('--resume: process')
    first.release()
    claim().release()
  })

  test.skipIf(process.platform !== 'linux')(
    'is free when the process was killed, though it left its lock',
    async () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      await new Promise((resolve) => child.once('spawn', resolve))
      const start = readFileSync(`/proc/${child.pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')[19]
      lockOf({ ...own(), pid: child.pid, start })
      expect(() => claimOldRun(out)).toThrow(`process ${child.pid} is training`)
      age(100_000) // it need not be touched while it can be seen
      expect(() => claimOldRun(out)).toThrow(`process ${child.pid} is training`)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
      claimOldRun(out).release()
    },
  )

  test('is free when its id belongs to another process by now, or to none', () => {
    const { pid, start, where } = own()
    if (start !== null) {
      lockOf({ pid, start: `${Number(start) - 1}`, where })
      claimOldRun(out).release()
    }
    lockOf({ pid: spawnSync(process.execPath, ['-e', '']).pid, start: '1', where })
    claimOldRun(out).release()
    expect(readdirSync(out)).toEqual([])
  })

  test('and was copied meanwhile: the copy is free', () => {
    const first = claim()
    const copy = join(folder, 'copy')
    cpSync(out, copy, { recursive: true })
    expect(readdirSync(copy)).toEqual([LOCK_FILE])
    claimOldRun(copy).release()
    expect(() => claimOldRun(out)).toThrow('is training in')
    first.release()
  })

  test('on another machine counts as long as its lock is touched', () => {
    lockOf({ ...own(), where: 'elsewhere boot pid' })
    expect(() => claimOldRun(out)).toThrow(`process ${process.pid} on elsewhere is training`)
    age(130)
    claimOldRun(out).release()
  })

  test('whose lock says nothing counts as long', () => {
    put(LOCK_FILE, '')
    expect(() => claimOldRun(out)).toThrow('--resume: another process is training in')
    age(130)
    claimOldRun(out).release()
    put(LOCK_FILE, '{"pid": "1; rm"}')
    age(130)
    claimOldRun(out).release()
  })

  test('a folder that is gone, or another one by then, is left alone', () => {
    const first = claim()
    rmSync(out, { recursive: true })
    put(LOCK_FILE, 'of another')
    first.release()
    expect(readFileSync(join(out, LOCK_FILE), 'utf8')).toBe('of another')
  })

  test('of many that want an abandoned one at once, one gets it', { timeout: 60_000 }, async () => {
    lockOf({ ...own(), pid: spawnSync(process.execPath, ['-e', '']).pid, start: '1' })
    const { build } = await import('vite')
    const entry = join(folder, 'entry.ts')
    writeFileSync(entry, `export { claimFolder } from ${JSON.stringify(join(home, 'harness/rundir/claim.ts'))}`)
    const built = await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, target: 'node' },
      build: { write: false, ssr: entry, target: 'node20' },
    })
    const code = (Array.isArray(built) ? built[0] : (built as { output: { code: string }[] })) as {
      output: { code: string }[]
    }
    writeFileSync(join(folder, 'claim.mjs'), code.output[0].code)
    writeFileSync(
      join(folder, 'try.mjs'),
      `import { claimFolder } from './claim.mjs'
       while (Date.now() < Number(process.argv[2]));
       try { claimFolder('--out', process.argv[3]); console.log('mine'); setTimeout(() => {}, 3000) }
       catch { console.log('refused') }`,
    )
    const at = Date.now() + 2500
    const said = await Promise.all(
      Array.from({ length: 8 }, () => {
        const child = spawn(process.execPath, [join(folder, 'try.mjs'), `${at}`, out])
        let text = ''
        child.stdout.on('data', (chunk) => {
          text += chunk
        })
        return new Promise<string>((resolve) => child.once('close', () => resolve(text.trim())))
      }),
    )
    expect(said.filter((text) => text === 'mine')).toHaveLength(1)
    expect(said.filter((text) => text === 'refused')).toHaveLength(7)
  })
})
