/**
 * Compiles pipelines with dawn.node on the driver of compile_only.c: `node pipelines.js REQUESTS`, a JSON file with a list of
 * PipelineRequest (compile.ts). Writes `@@ NUMBER` to stderr before each, `@@error TEXT` and `@@ms MILLISECONDS` after it.
 */
import { readFileSync, writeSync } from 'node:fs'
import { create, globals } from 'webgpu'

Object.assign(globalThis, globals)
// Dawn puts clamps around every index, as Chrome does for pages; a build for a page is what is measured here.
const gpu = create([])
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

for (const [i, { stem, code, storage, constants }] of JSON.parse(readFileSync(process.argv[2], 'utf8')).entries()) {
  tell(`@@ ${i}`)
  const start = performance.now()
  try {
    device.pushErrorScope('validation')
    const entries = storage.map(({ binding, access }) => ({
      binding,
      visibility: COMPUTE,
      buffer: bufferOf({ access }),
    }))
    const args = { binding: 0, visibility: COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } }
    const bindGroupLayouts = [entries, [args]].map((entries) => device.createBindGroupLayout({ entries }))
    const compute = { module: device.createShaderModule({ code }), entryPoint: stem, constants }
    await device.createComputePipelineAsync({ layout: device.createPipelineLayout({ bindGroupLayouts }), compute })
    const error = await device.popErrorScope()
    if (error) tell(`@@error ${error.message}`)
  } catch (error) {
    tell(`@@error ${error.message}`)
  }
  tell(`@@ms ${Math.round(performance.now() - start)}`)
}
process.exit() // the process does not end by itself while the GPU exists
