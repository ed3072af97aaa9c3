/** What of an adapter a plan follows from. */
import type { Gpu } from '../gpu/device'

/** What a plan follows from on the side of the adapter. */
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

/** Asks the device for nothing until it is asked itself. */
export const adapterOf = ({ software, device }: Gpu): Adapter => ({
  software,
  get subgroups() {
    return device.features.has('subgroups')
  },
  get limits() {
    return device.limits
  },
})
