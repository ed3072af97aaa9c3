/** The properties of an adapter that determine a plan. */
import { isLavapipe, isSwiftShader } from '../gpu/adapter'
import type { Gpu } from '../gpu/device'

/** Four kinds of adapter, which want different kernels. docs/kernel-forms.md says why. */
export type AdapterClass = 'swiftshader' | 'lavapipe' | 'software' | 'hardware'

/** The properties of an adapter that determine a plan. */
export interface Adapter {
  software: boolean
  /** Quads that a subgroup holds: SwiftShader's four lanes are one, lavapipe's eight are two; 0 without subgroups, and elsewhere. */
  quads: number
  /** It is Mesa's lavapipe, which compiles unrolled text for a minute. */
  lavapipe?: boolean
  limits: Pick<GPUSupportedLimits, LimitName>
}

export type LimitName =
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxStorageBuffersPerShaderStage'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
  | 'minUniformBufferOffsetAlignment'

/** What WebGPU promises of every adapter, except those of compatibility mode, as on older phones. */
export const ORDINARY_LIMITS: Record<LimitName, number> = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65535,
  minUniformBufferOffsetAlignment: 256,
}

export const classOf = ({
  software,
  quads,
  lavapipe,
}: Pick<Adapter, 'software' | 'quads' | 'lavapipe'>): AdapterClass =>
  !software ? 'hardware' : quads === 0 ? 'software' : lavapipe ? 'lavapipe' : 'swiftshader'

/** Reads the device only when a property is read. */
export const adapterOf = ({ software, device, info }: Gpu): Adapter => ({
  software,
  lavapipe: isLavapipe(info),
  get quads() {
    if (!software || !device.features.has('subgroups')) return 0
    return isSwiftShader(info) ? 1 : isLavapipe(info) ? quadsIn(device.adapterInfo) : 0
  },
  get limits() {
    return device.limits
  },
})

/** Whole quads in a subgroup, where all are of one size; lavapipe has one for the vector registers of the CPU. */
function quadsIn({ subgroupMinSize: least = 0, subgroupMaxSize: most }: GPUAdapterInfo): number {
  return least === most && least >= 4 && least % 4 === 0 ? least / 4 : 0
}
