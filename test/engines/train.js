/**
 * Trains CartPole with the built library, in Deno or in Node with dawn.node: `train.js LIBRARY OPTIONS`, the path of
 * dist/index.js and options of createPpo as JSON. Prints one line of JSON.
 */
import { createHash } from 'node:crypto'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

const [library, options] = process.argv.slice(2)

/** A device of dawn.node without subgroups, which Deno does not know: the same kernels in both. */
async function withoutSubgroups() {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  globalThis.dawn = create([]) // must outlive its devices
  const adapter = await globalThis.dawn.requestAdapter()
  if (!adapter) throw new Error('dawn.node gave no adapter')
  const names = [
    'maxStorageBuffersPerShaderStage',
    'maxComputeWorkgroupStorageSize',
    'maxComputeInvocationsPerWorkgroup',
  ]
  const requiredLimits = Object.fromEntries(names.map((name) => [name, adapter.limits[name]]))
  return adapter.requestDevice({ requiredLimits })
}

const { createPpo, findEnv } = await import(pathToFileURL(library).href)
const source = globalThis.navigator?.gpu ? {} : { device: withoutSubgroups }
const ppo = await createPpo({ env: findEnv('CartPole-v1'), ...source, ...JSON.parse(options) })
const rows = []
for await (const { timesteps, episodicReturn, loss } of ppo.train()) rows.push({ timesteps, episodicReturn, loss })
const params = await ppo.params()
const { info, software } = ppo.gpu
console.log(
  JSON.stringify({
    adapter: [info.vendor, info.architecture, info.device, info.description].join(' '),
    software,
    plan: ppo.plan,
    rows,
    finite: params.every(Number.isFinite),
    weights: createHash('sha256')
      .update(new Uint8Array(params.buffer, params.byteOffset, params.byteLength))
      .digest('hex'),
  }),
)
process.exit() // neither ends by itself while the GPU exists
