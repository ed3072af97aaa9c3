/**
 * Node in place of the page: the tasks of page/page.js over dawn.node, for the process that forked this one. The
 * messages are those of harness/page/main.ts. dawn.node keeps a process alive; when the other side goes, this one exits.
 */
process.on('disconnect', () => process.exit())
// A Ctrl-C in the terminal reaches this process too; what to do about it is decided on the other side.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

/** RTLD_NOW | RTLD_NODELETE of glibc. */
const KEEP_LOADED = 0x1002

/**
 * dawn.node looks whether the GPU is done from a global setImmediate that calls itself again, which takes a whole core;
 * software adapters want that core. Once in a millisecond is soon enough: three submits are in flight.
 */
const POLL_MS = 1
globalThis.setImmediate = ((look: () => void) => setTimeout(look, POLL_MS)) as unknown as typeof setImmediate

/** Loads the first of the given Vulkan loaders that can be: dawn.node asks for it by name, and gets what is loaded. */
function loadVulkan(loaders: string[]): string | null {
  for (const path of loaders) {
    try {
      process.dlopen({ exports: {} }, path, KEEP_LOADED)
    } catch (error) {
      // Node wants an addon; that it is none is found out after it was loaded.
      if (/did not self-register/.test((error as Error).message)) return path
    }
  }
  return null
}

async function start(): Promise<void> {
  const loader = loadVulkan(process.argv.slice(2))
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  // As Chrome with --enable-unsafe-webgpu: timestamps are not rounded.
  const gpu = create(['disable-dawn-features=timestamp_quantization'])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
  globalThis.ppoPost = (message) => void process.send?.(message)
  await import(/* @vite-ignore */ new URL('./page/page.js', import.meta.url).href)
  process.on('message', ([id, name, args]: [number, string, string]) => globalThis.ppoStart(id, name, args))
  process.send?.(JSON.stringify({ ready: { loader } }))
}

await start()
