/** `--adapter`: which Vulkan drivers dawn.node may use, and which adapter a part of a name means. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AdapterWish, Machine } from '../../harness/chrome/flags'
import { findDrivers } from '../../harness/node/drivers'
import { keepCache, lavapipeIn, meansLavapipe, shaderCache } from '../../harness/node/lavapipe'
import { namesIn, pickAdapter } from '../../harness/node/pick'
import { systemDrivers, vulkanDrivers } from '../../harness/runtime/drivers'
import { forChrome } from '../../harness/runtime/open'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ppo-webgpu-drivers-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (path: string, text: string): string => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  return join(root, path)
}
/** A driver file, and its library if `there`. */
function driver(path: string, library: string, there = true): string {
  if (there && library.includes('/')) write(library, '')
  const at = library.includes('/') ? join(root, library) : library
  return write(
    path,
    JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: at, api_version: '1.4.305' } }),
  )
}
/** No folder of this machine. */
const env = (more: Record<string, string> = {}) => ({
  HOME: join(root, 'home'),
  XDG_CONFIG_DIRS: join(root, 'xdg'),
  XDG_DATA_DIRS: `${join(root, 'local')}:${join(root, 'share')}`,
  ...more,
})
const found = (more: Record<string, string> = {}) =>
  findDrivers(env(more)).drivers.filter(({ file }) => file.startsWith(root))

describe('driver files', () => {
  test('of every folder of the loader, in its order', () => {
    const files = ['home/.config', 'xdg', 'home/.local/share', 'local', 'share'].map((folder) =>
      driver(`${folder}/vulkan/icd.d/a.json`, 'liba.so'),
    )
    write('share/vulkan/icd.d/notes.txt', '')
    expect(found().map(({ file }) => file)).toEqual(files)
    expect(findDrivers(env()).places).toContain('/etc/vulkan/icd.d')
    expect(found()[0]).toEqual({ file: files[0], library: 'liba.so' })
  })

  test('that a variable names, in place of a search; files and folders', () => {
    const [a, b] = ['one/a.json', 'two/b.json'].map((path) => driver(path, 'lib/liba.so'))
    driver('share/vulkan/icd.d/c.json', 'libc.so')
    const given = `${a}:${join(root, 'two')}:${join(root, 'missing.json')}`
    expect(found({ VK_DRIVER_FILES: given, VK_ICD_FILENAMES: 'x' }).map(({ file }) => file)).toEqual([a, b])
    expect(found({ VK_ICD_FILENAMES: b }).map(({ file }) => file)).toEqual([b])
    expect(findDrivers(env({ VK_ICD_FILENAMES: b }))).toMatchObject({ variable: 'VK_ICD_FILENAMES', places: [b] })
    expect(found({ VK_ADD_DRIVER_FILES: a }).map(({ file }) => file)).toEqual([
      a,
      join(root, 'share/vulkan/icd.d/c.json'),
    ])
  })
})

const why = (more: Record<string, string> = {}): string => {
  const answer = lavapipeIn(findDrivers(env({ XDG_CONFIG_HOME: join(root, 'none'), ...more })))
  return 'why' in answer ? answer.why : `found ${answer.drivers.map(({ file }) => file)}`
}

describe('lavapipe', () => {
  test('is found by the name of its file or of its library', () => {
    driver('share/vulkan/icd.d/radeon_icd.json', 'libvulkan_radeon.so')
    const named = driver('share/vulkan/icd.d/lvp_icd.x86_64.json', 'lib/libvulkan_lvp.so')
    expect(why()).toBe(`found ${named}`)
    const other = driver('own/software.json', 'lib/libvulkan_lvp.so')
    expect(why({ VK_DRIVER_FILES: other })).toBe(`found ${other}`)
  })

  test('where it is missing the message has the folders and how to get it', () => {
    driver('share/vulkan/icd.d/radeon_icd.json', 'libvulkan_radeon.so')
    const text = why()
    expect(text).toContain('no Vulkan driver file of lavapipe (lvp_icd*.json) in ')
    expect(text).toContain(join(root, 'share/vulkan/icd.d'))
    expect(text).toContain('version 25.0 works, and the 22.3 of Debian 12 does not')
    expect(text).toContain('apt-get install -t bookworm-backports mesa-vulkan-drivers')
    const radeon = join(root, 'share/vulkan/icd.d/radeon_icd.json')
    expect(why({ VK_ICD_FILENAMES: radeon })).toContain(`in VK_ICD_FILENAMES, which names ${radeon}.`)
  })

  test('a driver file without its library is named', () => {
    const file = driver('share/vulkan/icd.d/lvp_icd.json', 'lib/libvulkan_lvp.so', false)
    expect(why()).toContain(`${file} names the library ${join(root, 'lib/libvulkan_lvp.so')}, which is not there.`)
  })

  test('a part of its names means it', () => {
    const texts = ['lavapipe', 'LavaPipe', 'llvmpipe', 'lvm', 'llvmpipe (LLVM 15.0.6, 256 bits)']
    expect(texts.map(meansLavapipe)).toEqual(texts.map(() => true))
    expect(['l', 'pi', 'nvidia', 'swiftshader', ''].map(meansLavapipe)).toEqual(Array(5).fill(false))
  })

  test('its cache is a folder of the user that stays, or the one that is named', () => {
    expect(shaderCache({ HOME: '/h' })).toEqual({
      folder: '/h/.cache/ppo-webgpu/lavapipe',
      env: { MESA_SHADER_CACHE_DIR: '/h/.cache/ppo-webgpu/lavapipe' },
    })
    expect(shaderCache({ HOME: '/h', XDG_CACHE_HOME: '/c' }).folder).toBe('/c/ppo-webgpu/lavapipe')
    expect(shaderCache({ MESA_SHADER_CACHE_DIR: '/m' })).toEqual({ folder: '/m', env: {} })
    expect(keepCache(join(root, 'cache'))).toBe(`Compiled kernels are kept in ${join(root, 'cache')}.`)
    expect(keepCache(join(write('file', ''), 'cache'))).toMatch(
      /^Compiled kernels cannot be kept \(.*every start compiles/,
    )
  })
})

describe('drivers by --adapter', () => {
  const GPU: Machine = { platform: 'linux', hasNvidia: true, renderVendors: [] }
  const NONE: Machine = { platform: 'linux', hasNvidia: false, renderVendors: [] }
  const SWIFTSHADER = '/chrome/vk_swiftshader_icd.json'
  const warnings: string[] = []

  /** The driver files of `adapter`; null where the loader searches itself. */
  function drivers(adapter: AdapterWish, machine: Machine, more: Record<string, string> = {}): string[] | null {
    const search = findDrivers(env({ XDG_CONFIG_HOME: join(root, 'none'), ...more }))
    const own = search.drivers.filter(({ file }) => file.startsWith(root))
    warnings.length = 0
    const facts = {
      search: { ...search, drivers: own },
      machine,
      swiftShader: '/chrome',
      warn: (line: string) => void warnings.push(line),
    }
    const given = vulkanDrivers(adapter, facts)
    expect(given.VK_ICD_FILENAMES).toBe(given.VK_DRIVER_FILES)
    return given.VK_DRIVER_FILES?.split(':') ?? null
  }
  const radeon = () => driver('share/vulkan/icd.d/radeon_icd.json', 'libvulkan_radeon.so')
  const lavapipe = () => driver('share/vulkan/icd.d/lvp_icd.json', 'lib/libvulkan_lvp.so')

  test('auto never takes lavapipe', () => {
    expect([drivers('auto', NONE), drivers('auto', GPU)]).toEqual([[SWIFTSHADER], null])
    const file = lavapipe()
    expect(drivers('auto', NONE)).toEqual([SWIFTSHADER])
    for (const kind of ['auto', 'hardware'] as const) {
      expect(() => drivers(kind, GPU)).toThrow(
        `the only Vulkan driver here is lavapipe's (${file}), which computes on the CPU.`,
      )
    }
    const gpu = radeon()
    expect([drivers('auto', GPU), drivers('hardware', GPU), drivers('software', GPU)]).toEqual([
      [gpu],
      [gpu],
      [SWIFTSHADER],
    ])
    expect(drivers('auto', NONE, { VK_DRIVER_FILES: `${file}:${gpu}` })).toEqual([gpu])
    expect(warnings).toEqual([])
    expect(drivers('auto', NONE, { VK_DRIVER_FILES: file })).toEqual([SWIFTSHADER])
    expect(warnings).toEqual([
      'VK_DRIVER_FILES names lavapipe, which --adapter auto never takes: --adapter lavapipe asks for it.',
    ])
    // Control: another driver of one's own is taken.
    expect(drivers('auto', NONE, { VK_DRIVER_FILES: gpu })).toBeNull()
  })

  test('by its name lavapipe is alone, with its cache; any other name has all drivers', () => {
    const [gpu, file] = [radeon(), lavapipe()]
    expect(drivers({ named: 'lavapipe' }, GPU)).toEqual([file])
    expect(drivers({ named: 'Radeon' }, GPU)).toEqual([file, gpu, SWIFTSHADER])
    expect(drivers({ named: 'Radeon' }, GPU, { VK_DRIVER_FILES: gpu })).toEqual([gpu])
    const facts = { search: findDrivers(env({ VK_DRIVER_FILES: file })), machine: NONE, swiftShader: null, warn() {} }
    for (const given of [vulkanDrivers({ named: 'llvm' }, facts), systemDrivers(facts)]) {
      expect(given).toHaveProperty('MESA_SHADER_CACHE_DIR')
    }
    expect(systemDrivers({ ...facts, search: findDrivers(env({ VK_DRIVER_FILES: gpu })) })).not.toHaveProperty(
      'MESA_SHADER_CACHE_DIR',
    )
  })

  test('errors: no lavapipe, another system, no SwiftShader', () => {
    expect(() => drivers({ named: 'lavapipe' }, NONE)).toThrow('--adapter lavapipe: no Vulkan driver file of lavapipe')
    const mac = { ...NONE, platform: 'darwin' } as const
    expect(() => drivers({ named: 'lavapipe' }, mac)).toThrow(
      'lavapipe is looked for on Linux only, and this is darwin.',
    )
    const facts = { search: findDrivers(env()), machine: NONE, swiftShader: null, warn() {} }
    expect(() => vulkanDrivers('software', facts)).toThrow('none was found (vk_swiftshader_icd.json')
    expect(vulkanDrivers({ named: 'apple' }, { ...facts, machine: mac })).toEqual({})
  })
})

describe('a part of a name', () => {
  const NAMES = ['SwiftShader Device (Subzero)', 'NVIDIA GeForce RTX 4060', 'NVIDIA H100', 'NVIDIA H100 NVL']
  const pick = (part: string, names = NAMES) => {
    const answer = pickAdapter(names, part, ['auto', 'software', 'hardware'])
    return 'why' in answer ? answer.why : answer.name
  }

  test('means one adapter, whatever the case, and the whole name the one that has it', () => {
    expect([pick('4060'), pick('geforce'), pick('subZERO'), pick('nvidia h100')]).toEqual([
      NAMES[1],
      NAMES[1],
      NAMES[0],
      NAMES[2],
    ])
  })

  test('that several have, none has, or where there is none', () => {
    expect(pick('nvidia')).toBe(
      '"nvidia" is a part of 3 names: "NVIDIA GeForce RTX 4060", "NVIDIA H100", "NVIDIA H100 NVL". Write more of one.',
    )
    expect(pick('sofware')).toMatch(
      /^no adapter has "sofware" in its name \(did you mean "software"\?\)\. Adapters here: "SwiftShader Device \(Subzero\)", .* --list-adapters lists them\.$/,
    )
    expect(pick('x', [])).toBe('no adapter has "x" in its name. There is none here. --list-adapters lists them.')
  })

  test('is an error under Chrome', () => {
    expect(forChrome('hardware')).toBe('hardware')
    expect(() => forChrome({ named: 'lavapipe' })).toThrow(
      '--adapter: "lavapipe" is not one of auto, software, hardware. Chrome takes its adapter itself; a part of a name works with --runtime node.',
    )
    expect(() => forChrome({ named: 'sofware' })).toThrow('(did you mean "software"?)')
  })

  test('names are read from what dawn.node says of a name that there is not', () => {
    const said =
      "no suitable backends found\nAvailable adapters:\n * backend: 'vulkan', name: 'A (B's)'\n * backend: 'metal', name: 'C'\n"
    expect(namesIn(said)).toEqual(["A (B's)", 'C'])
    expect(namesIn('something else')).toEqual([])
  })
})
