/**
 * Runs the tasks of page/page.js in Node with dawn.node, as a child of the process that started it. The messages are
 * those of harness/page/main.ts. dawn.node keeps a process alive; if the parent ends, this process exits.
 */
import { askAdapter } from '../../src/gpu/adapter'
import { patiently } from '../../src/gpu/patience'
import { HOST_OPTIONS, type HostOptions, type ListedAdapter } from './hostmessages'
import { namesIn, pickAdapter } from './pick'

process.on('disconnect', () => process.exit())
// A Ctrl-C in the terminal reaches this process too; the parent decides what to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

/** RTLD_NOW | RTLD_NODELETE of glibc. */
const KEEP_LOADED = 0x1002

/**
 * dawn.node polls the GPU from a global setImmediate that calls itself again, which uses a whole core; software
 * adapters need that core. Once per millisecond is often enough: three submits are in flight.
 */
const POLL_MS = 1
globalThis.setImmediate = ((look: () => void) => setTimeout(look, POLL_MS)) as unknown as typeof setImmediate

/**
 * Loads the first Vulkan loader of the list that can be loaded: dawn.node looks it up by name and gets the loaded one.
 */
function loadVulkan(loaders: string[]): string | null {
  for (const path of loaders) {
    try {
      process.dlopen({ exports: {} }, path, KEEP_LOADED)
    } catch (error) {
      // Node expects an addon; it finds that this is none only after loading it.
      if (/did not self-register/.test((error as Error).message)) return path
    }
  }
  return null
}

/** No adapter has this name: dawn.node then says which names there are. */
const NOBODY = 'adapter=no adapter has this name'

type Create = typeof import('webgpu').create

async function adapterNames(create: Create): Promise<string[]> {
  try {
    const gpu = create([NOBODY])
    await patiently(gpu, 'adapter', gpu.requestAdapter())
    return []
  } catch (error) {
    return namesIn((error as Error).message)
  }
}

/** Every adapter, for `--list-adapters`. */
async function listAdapters(create: Create): Promise<ListedAdapter[]> {
  const found: ListedAdapter[] = []
  for (const name of await adapterNames(create)) {
    const gpu = create([`adapter=${name}`])
    const adapter = await patiently(gpu, 'adapter', gpu.requestAdapter())
    if (!adapter) continue
    const info = await askAdapter(adapter)
    const limits: Record<string, number> = {}
    for (const limit in adapter.limits) limits[limit] = adapter.limits[limit as 'maxBufferSize']
    found.push({
      name,
      info,
      limits,
      lanes: adapter.features.has('subgroups') ? (adapter.info.subgroupMinSize ?? 0) : 0,
    })
  }
  return found
}

async function start(): Promise<void> {
  const { named, list } = JSON.parse(process.env[HOST_OPTIONS] ?? '{}') as HostOptions
  const loader = loadVulkan(process.argv.slice(2))
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  if (list) return void process.send?.(JSON.stringify({ ready: { loader, adapters: await listAdapters(create) } }))
  const picked = named === undefined ? null : pickAdapter(await adapterNames(create), named.part, named.kinds)
  if (picked && 'why' in picked) return void process.send?.(JSON.stringify({ ready: { loader, why: picked.why } }))
  // Like Chrome with --enable-unsafe-webgpu: timestamps are not rounded.
  const gpu = create(['disable-dawn-features=timestamp_quantization', ...(picked ? [`adapter=${picked.name}`] : [])])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
  globalThis.ppoPost = (message) => void process.send?.(message)
  await import(/* @vite-ignore */ new URL('./page/page.js', import.meta.url).href)
  process.on('message', ([id, name, args]: [number, string, string]) => globalThis.ppoStart(id, name, args))
  process.send?.(JSON.stringify({ ready: { loader } }))
}

await start()
