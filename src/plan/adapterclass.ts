/** The properties of an adapter that determine a plan. */
import { isSwiftShader } from '../gpu/adapter'
import type { Gpu } from '../gpu/device'

/** Three kinds of adapter, which want different kernels. docs/kernel-forms.md says why. */
export type AdapterClass = 'swiftshader' | 'software' | 'hardware'

/** The properties of an adapter that determine a plan. */
export interface Adapter {
  software: boolean
  /** It is SwiftShader with subgroups, which alone are four lanes of a vector register of a CPU. */
  quads: boolean
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

export const classOf = ({ software, quads }: Pick<Adapter, 'software' | 'quads'>): AdapterClass =>
  !software ? 'hardware' : quads ? 'swiftshader' : 'software'

/** Reads the device only when a property is read. */
export const adapterOf = ({ software, device, info }: Gpu): Adapter => ({
  software,
  get quads() {
    return software && isSwiftShader(info) && device.features.has('subgroups')
  },
  get limits() {
    return device.limits
  },
})
