/** The command line of Chrome. Pure functions: facts about the machine are arguments. */

export type AdapterChoice = 'auto' | 'software' | 'hardware'
/** What a command line asks for: one of them, or with dawn.node a part of an adapter's name. */
export type AdapterWish = AdapterChoice | { named: string }
/** As on the command line. */
export const wishText = (adapter: AdapterWish): string => (typeof adapter === 'string' ? adapter : adapter.named)
export const ADAPTER_CHOICES: readonly AdapterChoice[] = ['auto', 'software', 'hardware']

const COMMON = [
  '--enable-unsafe-webgpu',
  // Containers often have a /dev/shm of 64 MB.
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

const LINUX_HARDWARE = [
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
]
const SOFTWARE = ['--use-webgpu-adapter=swiftshader']

/** Vendors whose Vulkan drivers Chrome's WebGPU works with: NVIDIA, AMD, Intel. */
const GPU_VENDORS = ['0x10de', '0x1002', '0x8086']

export interface Machine {
  platform: NodeJS.Platform
  hasNvidia: boolean
  /** PCI vendor ids of /dev/dri/renderD*, such as 0x8086. */
  renderVendors: string[]
}

/** `auto`: hardware if the machine has a known GPU, else Chrome's software adapter. */
export function chooseAdapter(choice: AdapterChoice, machine: Machine): 'software' | 'hardware' {
  if (choice !== 'auto') return choice
  if (machine.platform !== 'linux') return 'hardware'
  return machine.hasNvidia || machine.renderVendors.some((v) => GPU_VENDORS.includes(v)) ? 'hardware' : 'software'
}

export function chromeFlags(adapter: 'software' | 'hardware', platform: NodeJS.Platform, sandbox: boolean): string[] {
  const backend = adapter === 'software' ? SOFTWARE : platform === 'linux' ? LINUX_HARDWARE : []
  return [...COMMON, ...backend, ...(sandbox ? [] : ['--no-sandbox'])]
}
