/** The properties of an adapter that determine a plan. */
import type { Gpu } from '../gpu/device'

/** The properties of an adapter that determine a plan. */
export interface Adapter {
  software: boolean
  subgroups: boolean
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

/** Reads the device only when a property is read. */
export const adapterOf = ({ software, device }: Gpu): Adapter => ({
  software,
  get subgroups() {
    return device.features.has('subgroups')
  },
  get limits() {
    return device.limits
  },
})
