import type { AdapterFacts } from '../protocol'

async function adapter(): Promise<AdapterFacts> {
  const gpu = await navigator.gpu?.requestAdapter()
  if (!gpu) throw Object.assign(new Error('requestAdapter returned null'), { exitCode: 3 })
  const { vendor, architecture, device, description } = gpu.info
  const limits: Record<string, number> = {}
  for (const name in gpu.limits) limits[name] = gpu.limits[name as 'maxBufferSize']
  const software =
    gpu.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(`${architecture} ${device} ${description}`)
  return { vendor, architecture, device, description, software, limits }
}

export const tasks = { adapter }
