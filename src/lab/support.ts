/** Why WebGPU cannot be used here. panels/missing.tsx has one page for each reason, with what to do. */

import { patiently } from '../gpu/patience'

export type Reason = { kind: 'insecure' | 'browser' | 'adapter' } | { kind: 'limits' | 'device'; detail: string }

/** What the kernels need of an adapter; every adapter without a compatibility mode has it. */
const NEEDED = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxStorageBufferBindingSize: 2 ** 27,
} as const

export async function whyMissing(): Promise<Reason | undefined> {
  if (!isSecureContext) return { kind: 'insecure' }
  if (!navigator.gpu || typeof OffscreenCanvas === 'undefined') return { kind: 'browser' }
  const { gpu } = navigator
  const wanted = { powerPreference: 'high-performance' } as const
  const adapter = await patiently(gpu, 'adapter', gpu.requestAdapter(wanted)).catch(() => null)
  if (!adapter) return { kind: 'adapter' }
  for (const [name, least] of Object.entries(NEEDED)) {
    const has = adapter.limits[name as keyof typeof NEEDED]
    if (has < least) return { kind: 'limits', detail: `${name} is ${has}, and ${least} is needed` }
  }
  return undefined
}
