import { describe, expect, test } from 'vitest'
import { ENV_VARIABLES, findBrowser } from '../../harness/chrome/find'
import { chooseAdapter, chromeFlags } from '../../harness/chrome/flags'
import type { Probes } from '../../harness/chrome/probes'

/** A machine with nothing; `working` are the paths that start. */
function machine(working: string[], more: Partial<Probes> = {}): Probes & { asked: string[]; lines: string[] } {
  const asked: string[] = []
  const lines: string[] = []
  return {
    env: {},
    platform: 'linux',
    isRoot: false,
    hasApt: false,
    whyBroken: async (path) => (working.includes(path) ? null : 'no such file'),
    cached: () => [],
    which: () => null,
    download: async () => {
      asked.push('download')
      throw new Error('blocked')
    },
    aptInstall: async () => {
      asked.push('apt')
      throw new Error('no network')
    },
    log: (line) => lines.push(line),
    ...more,
    asked,
    lines,
  }
}

describe('findBrowser', () => {
  test.each(ENV_VARIABLES)('%s comes first', async (name) => {
    const probes = machine(['/mine', '/cached'], { env: { [name]: '/mine' }, cached: () => ['/cached'] })
    expect(await findBrowser(probes)).toEqual({ path: '/mine', source: 'environment' })
  })

  test('a wrong environment variable is an error, not passed over', async () => {
    const probes = machine(['/cached'], { env: { CHROME_PATH: '/wrong' }, cached: () => ['/cached'] })
    await expect(findBrowser(probes)).rejects.toMatchObject({
      exitCode: 2,
      message: 'CHROME_PATH: /wrong is not a working browser (no such file). Correct or unset it.',
    })
  })

  test('then puppeteer’s cache, then the system, without installing anything', async () => {
    const which = (name: string) => (name === 'chromium' ? '/usr/bin/chromium' : null)
    const both = machine(['/cached', '/usr/bin/chromium'], { cached: () => ['/cached'], which })
    expect(await findBrowser(both)).toEqual({ path: '/cached', source: 'cache' })
    const system = machine(['/usr/bin/chromium'], { which })
    expect(await findBrowser(system)).toEqual({ path: '/usr/bin/chromium', source: 'system' })
    expect(system.asked).toEqual([])
  })

  test('a browser that does not start is passed over', async () => {
    const probes = machine(['/usr/bin/chromium'], {
      cached: () => ['/broken'],
      which: (name) => (name === 'chromium' ? '/usr/bin/chromium' : null),
    })
    expect((await findBrowser(probes)).path).toBe('/usr/bin/chromium')
  })

  test('then the download', async () => {
    const probes = machine(['/downloaded'], { download: async () => '/downloaded' })
    expect(await findBrowser(probes)).toEqual({ path: '/downloaded', source: 'download' })
    expect(probes.lines[0]).toContain('downloading')
  })

  test('then Debian’s package, as root', async () => {
    let there = false
    const probes = machine([], {
      isRoot: true,
      hasApt: true,
      whyBroken: async (path) => (there && path === '/usr/bin/chromium' ? null : 'no such file'),
      aptInstall: async () => {
        there = true
      },
    })
    expect(await findBrowser(probes)).toEqual({ path: '/usr/bin/chromium', source: 'apt' })
    expect(probes.asked).toEqual(['download'])
  })

  test('a download that lacks libraries leads to Debian’s package too, and is named when that fails', async () => {
    const probes = machine([], {
      isRoot: true,
      hasApt: true,
      whyBroken: async (path) => (path === '/downloaded' ? 'libnss3.so: cannot open' : 'no such file'),
      download: async () => '/downloaded',
    })
    await expect(findBrowser(probes)).rejects.toThrow(/tried \/downloaded: libnss3.so.*\n.*tried apt-get: no network/)
    expect(probes.asked).toEqual(['apt'])
  })

  test('nothing works: exit code 3, what was tried, and what to do', async () => {
    const probes = machine([], { hasApt: true })
    const error = await findBrowser(probes).catch((e) => e)
    expect(error.exitCode).toBe(3)
    expect(error.message).toContain('sudo apt-get install chromium')
    expect(error.message).toContain('PPO_WEBGPU_CHROME')
    expect(error.message).toContain("tried puppeteer's download: blocked")
    expect(probes.asked).toEqual(['download'])
  })
})

describe('the adapter', () => {
  const none = { platform: 'linux' as const, hasNvidia: false, renderVendors: [] }

  test('auto takes the hardware only where there is some', () => {
    expect(chooseAdapter('auto', none)).toBe('software')
    expect(chooseAdapter('auto', { ...none, hasNvidia: true })).toBe('hardware')
    expect(chooseAdapter('auto', { ...none, renderVendors: ['0x8086'] })).toBe('hardware')
    expect(chooseAdapter('auto', { ...none, renderVendors: ['0x1af4'] })).toBe('software')
    expect(chooseAdapter('auto', { ...none, platform: 'darwin' })).toBe('hardware')
  })

  test('what was asked for is what is taken', () => {
    expect(chooseAdapter('hardware', none)).toBe('hardware')
    expect(chooseAdapter('software', { ...none, hasNvidia: true })).toBe('software')
  })

  test('flags', () => {
    expect(chromeFlags('software', 'linux', true)).toContain('--use-webgpu-adapter=swiftshader')
    expect(chromeFlags('software', 'linux', true)).not.toContain('--no-sandbox')
    expect(chromeFlags('hardware', 'linux', false)).toContain('--use-angle=vulkan')
    expect(chromeFlags('hardware', 'linux', false)).toContain('--no-sandbox')
    expect(chromeFlags('hardware', 'darwin', true).join(' ')).not.toMatch(/vulkan|swiftshader/i)
  })
})
