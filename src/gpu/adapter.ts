/**
 * The names that an adapter reports. Measured: Chrome 156 and dawn.node 0.6 call SwiftShader `google`, `swiftshader`;
 * Deno 2.9 calls it `6880`, with the description `SwiftShader Device (Subzero)`; all three report a fallback adapter.
 * Firefox leaves names empty. Devices of Safari 26.0 have no `adapterInfo`.
 */

export interface AdapterInfo {
  /** Such as `nvidia`; a number in some engines; empty if unknown. The same is true for the other names. */
  vendor: string
  architecture: string
  device: string
  description: string
  /** Whether it computes on the CPU, if the engine reports that. */
  isFallbackAdapter?: boolean
}

/** Since 2025 engines report everything in `info`; before that, some of it was in the adapter. */
type Told = { [K in keyof AdapterInfo]?: unknown }

/** The names as text; missing ones are empty. @param adapter Where older engines report what is not in `info`. */
export function adapterInfo(info: Told | null | undefined, adapter?: { isFallbackAdapter?: unknown }): AdapterInfo {
  const text = (name: keyof AdapterInfo): string => {
    const value = info?.[name]
    return typeof value === 'string' || typeof value === 'number' ? `${value}`.trim() : ''
  }
  const fallback = [info?.isFallbackAdapter, adapter?.isFallbackAdapter].find((flag) => typeof flag === 'boolean')
  return {
    vendor: text('vendor'),
    architecture: text('architecture'),
    device: text('device'),
    description: text('description'),
    ...(fallback === undefined ? {} : { isFallbackAdapter: fallback as boolean }),
  }
}

/** The same for an adapter, also of an engine that only has `requestAdapterInfo`. */
export async function askAdapter(adapter: GPUAdapter): Promise<AdapterInfo> {
  const older = adapter as { requestAdapterInfo?: () => Promise<Told>; isFallbackAdapter?: unknown }
  let info: Told | undefined = adapter.info
  try {
    info ??= await older.requestAdapterInfo?.()
  } catch {
    // Then the adapter has no name, which is not an error.
  }
  return adapterInfo(info, older)
}

/**
 * Renderers that compute on the CPU. The word `software` alone does not prove it: Dawn calls Apple's GPUs on Linux
 * that.
 */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render/i

/** Whether an adapter computes on the CPU: from its own flag, or, if it has none, from its names. */
export function isSoftware(info: Told | null | undefined): boolean {
  const { isFallbackAdapter, ...names } = adapterInfo(info)
  return isFallbackAdapter ?? SOFTWARE.test(Object.values(names).join(' '))
}

const isNamed = (info: Told | null | undefined, name: RegExp): boolean => {
  const { isFallbackAdapter: _, ...names } = adapterInfo(info)
  return name.test(Object.values(names).join(' '))
}

/** Whether an adapter is SwiftShader, from its names. */
export const isSwiftShader = (info: Told | null | undefined): boolean => isNamed(info, /swiftshader/i)

/** Whether an adapter is Mesa's lavapipe, from its names: Dawn calls it `mesa`, `software`, `llvmpipe (LLVM 15, 256 bits)`. */
export const isLavapipe = (info: Told | null | undefined): boolean => isNamed(info, /llvmpipe|lavapipe/i)

/** Vendors by the numbers that some engines report instead of names: of PCI, and of Khronos for those without. */
const VENDORS: Record<number, string> = {
  4098: 'amd',
  4112: 'img-tec',
  4203: 'apple',
  4318: 'nvidia',
  5045: 'arm',
  5140: 'microsoft',
  5197: 'samsung',
  5348: 'broadcom',
  6880: 'google',
  20803: 'qualcomm',
  32902: 'intel',
  65541: 'mesa',
}
const isNumber = (text: string): boolean => /^(?:0x[\da-f]+|\d+)$/i.test(text)

/**
 * One line that names the adapter in results: `google swiftshader (software)`. Without a vendor's name it is the
 * description; if there are only numbers, the vendor's name if it is known, else `unnamed adapter`.
 */
export function adapterName({ software, ...info }: Told & { software: boolean }): string {
  const { vendor, architecture, device, description } = adapterInfo(info)
  const words = (...texts: string[]): string => texts.filter(Boolean).join(' ')
  const named = (text: string): string => (isNumber(text) ? '' : text)
  // dawn.node also names the device and the driver; for a software adapter the architecture is enough.
  const model = software ? architecture || device : words(architecture, device, description)
  const name = named(vendor)
    ? words(vendor, model || description)
    : named(description) || words(VENDORS[Number(vendor || Number.NaN)] ?? '', named(architecture), named(device))
  return `${name || 'unnamed adapter'}${software ? ' (software)' : ''}`
}
