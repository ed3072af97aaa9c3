/** How the tests find Deno and Firefox, and install them; what CI does. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DENO_PACKAGE, enginesFolder, findDeno, findFirefox, type Search, wantedDeno } from '../engines/find'

/** A machine on which the paths in `versions` answer, and where nothing can be installed unless `more` says so. */
function machine(versions: Record<string, string>, more: Partial<Search> = {}): Search & { said: string[] } {
  const said: string[] = []
  return {
    ...{ env: {}, isRoot: true, hasApt: true, said, log: (line: string) => said.push(line) },
    which: (name) => (versions[`/usr/bin/${name}`] ? `/usr/bin/${name}` : null),
    aptInstall: () => Promise.reject(new Error('no network')),
    versionOf(path) {
      if (versions[path] === undefined) throw new Error(`spawn ${path} ENOENT`)
      return versions[path]
    },
    npmInstall: () => {
      throw Object.assign(new Error('npm failed'), { stderr: 'npm error network\n' })
    },
    ...more,
  }
}

describe('Firefox', () => {
  const ESR = { '/usr/bin/firefox-esr': 'Mozilla Firefox 153.7.0esr\n' }

  it("is that of the variable, then Debian's, then another", async () => {
    const both = { ...ESR, '/usr/bin/firefox': 'Mozilla Firefox 160.0' }
    const mine = { ...both, '/mine': 'Mozilla Firefox 155.0' }
    const env = { PPO_WEBGPU_FIREFOX: '/mine' }
    expect(await findFirefox(machine(mine, { env }))).toEqual({ path: '/mine', version: '155.0' })
    expect(await findFirefox(machine(both))).toEqual({ path: '/usr/bin/firefox-esr', version: '153.7.0esr' })
    const other = { '/usr/bin/firefox': both['/usr/bin/firefox'] }
    expect(await findFirefox(machine(other))).toEqual({ path: '/usr/bin/firefox', version: '160.0' })
  })

  it('is installed where it is missing', async () => {
    const versions: Record<string, string> = {}
    const asked: string[] = []
    const aptInstall = async (name: string): Promise<void> => {
      asked.push(name)
      Object.assign(versions, ESR)
    }
    const search = machine(versions, { aptInstall })
    expect((await findFirefox(search)).path).toBe('/usr/bin/firefox-esr')
    expect(asked).toEqual(['firefox-esr'])
    expect(search.said).toEqual(["No Firefox here; installing Debian's package firefox-esr with apt-get."])
  })

  it.each<[string, Record<string, string>, Partial<Search>, RegExp]>([
    [
      'no network',
      {},
      {},
      /or could be installed\. .* `apt-get install .* firefox-esr`.*\n {2}tried apt-get: no network$/s,
    ],
    [
      'nobody may install',
      {},
      { isRoot: false },
      /run `sudo apt-get install --no-install-recommends firefox-esr`; set/,
    ],
    ['no apt-get', {}, { hasApt: false }, /Do one of these: set PPO_WEBGPU_FIREFOX to a Firefox\.$/],
    ['a wrong variable', ESR, { env: { PPO_WEBGPU_FIREFOX: '/no' } }, /tried \/no: spawn \/no ENOENT$/],
    ['a stub', { '/usr/bin/firefox': 'Install me' }, { hasApt: false }, /does not answer .* but "Install me"$/],
  ])('is an error with what to do: %s', async (_, versions, more, message) => {
    await expect(findFirefox(machine(versions, more))).rejects.toThrow(message)
  })
})

describe('Deno', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  /** A folder that wants Deno 2.0.0. */
  function folderWanting(): string {
    const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-engines-'))
    folders.push(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { [DENO_PACKAGE]: '2.0.0' } }))
    return folder
  }
  function install(folder: string, version: string): void {
    mkdirSync(join(folder, 'node_modules', DENO_PACKAGE), { recursive: true })
    writeFileSync(join(folder, 'node_modules', DENO_PACKAGE, 'package.json'), JSON.stringify({ version }))
  }
  const versionOf = () => 'deno 2.0.0 (stable)\nv8 15'

  it('is installed once, and again where the version changed', () => {
    const folder = folderWanting()
    let installs = 0
    const npmInstall = (): void => {
      installs++
      install(folder, '2.0.0')
    }
    const search = machine({}, { npmInstall, versionOf })
    const path = join(folder, 'node_modules', DENO_PACKAGE, 'deno')
    expect(findDeno(search, folder)).toEqual({ path, version: '2.0.0' })
    findDeno(search, folder)
    expect(installs).toBe(1)
    install(folder, '1.9.0')
    findDeno(search, folder)
    expect(installs).toBe(2)
  })

  it('is an error with what to do', () => {
    expect(() => findDeno(machine({}), folderWanting())).toThrow(
      /^deno: npm could not install @deno\/linux-x64-glibc 2\.0\.0, .* Run `npm ci` in .*\nnpm error network$/s,
    )
    const folder = folderWanting()
    install(folder, '2.0.0')
    const versionOf = () => 'deno 1.0.0'
    expect(() => findDeno(machine({}, { versionOf }), folder)).toThrow(/is version 1\.0\.0, not 2\.0\.0\. Run `npm ci`/)
  })

  it('has one exact version, in the lock file too, which names no host', () => {
    const lock = readFileSync(join(enginesFolder, 'package-lock.json'), 'utf8')
    expect(wantedDeno()).toMatch(/^\d+\.\d+\.\d+$/)
    expect(JSON.parse(lock).packages[`node_modules/${DENO_PACKAGE}`].version).toBe(wantedDeno())
    expect(lock).not.toMatch(/https?:/)
  })
})

it('CI installs both, and fails where it cannot', () => {
  const script = readFileSync(join(enginesFolder, '../../.ci/run'), 'utf8')
  expect(script).toMatch(/^step npm ci --prefix test\/engines /m)
  expect(script).toMatch(/^step packages$/m)
  expect(script).toMatch(/firefox-esr}" \|\| missing\+=\(firefox-esr\)$/m)
  expect(script).toMatch(/ install -y --no-install-recommends "\$\{missing\[@\]\}"$/m)
})
