/**
 * Compiles pipelines with dawn.node, or with the WebGPU of Deno: `node pipelines.js REQUESTS`, a JSON file with a list of
 * PipelineRequest (compile.ts). Writes `@@ NUMBER` to stderr before each, `@@error TEXT` and `@@ms MILLISECONDS` after it.
 */
import { readFileSync, writeSync } from 'node:fs'
import process from 'node:process'

/** Dawn puts clamps around every index, as Chrome does for pages; a build for a page is what is measured here. */
async function dawn() {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  return create([])
}
const gpu = globalThis.navigator?.gpu ?? (await dawn())
const tell = (text) => writeSync(2, `${text}\n`)
const adapter = await gpu.requestAdapter()
if (!adapter) {
  tell('@@error the driver gave no adapter')
  process.exit(1)
}
const LIMITS = [
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
]
const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
const requiredFeatures = adapter.features.has('subgroups') ? ['subgroups'] : []
const device = await adapter.requestDevice({ requiredFeatures, requiredLimits })
tell(`@@adapter ${adapter.info.description || adapter.info.device}`)

const COMPUTE = 4 // GPUShaderStage.COMPUTE
const bufferOf = ({ access }) => ({ type: access === 'read' ? 'read-only-storage' : 'storage' })

/** @throws what is wrong with it. */
async function compile({ stem, code, storage, constants, moduleOnly }) {
  const entries = storage.map(({ binding, access }) => ({
    binding,
    visibility: COMPUTE,
    buffer: bufferOf({ access }),
  }))
  const args = { binding: 0, visibility: COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } }
  device.pushErrorScope('validation')
  let refused = null
  try {
    const bindGroupLayouts = [entries, [args]].map((entries) => device.createBindGroupLayout({ entries }))
    const compute = { module: device.createShaderModule({ code }), entryPoint: stem.split('.')[0], constants }
    const layout = device.createPipelineLayout({ bindGroupLayouts })
    if (!moduleOnly) await device.createComputePipelineAsync({ layout, compute })
  } catch (error) {
    refused = error
  }
  // The scope has the first error: what is wrong with the module, not that the pipeline has no module.
  const wrong = (await device.popErrorScope()) ?? refused
  if (wrong) throw wrong
}

for (const [i, request] of JSON.parse(readFileSync(process.argv[2], 'utf8')).entries()) {
  tell(`@@ ${i}`)
  const start = performance.now()
  await compile(request).catch(({ message }) => tell(`@@error ${message.trim().replaceAll(/\s*\n\s*/g, ' | ')}`))
  tell(`@@ms ${Math.round(performance.now() - start)}`)
}
process.exit() // the process does not end by itself while the GPU exists
