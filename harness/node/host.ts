/**
 * Runs the tasks of page/page.js in Node with dawn.node, as a child of the process that started it. The messages are
 * those of harness/page/main.ts. dawn.node keeps a process alive; if the parent ends, this process exits.
 */
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

async function start(): Promise<void> {
  const loader = loadVulkan(process.argv.slice(2))
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  // Like Chrome with --enable-unsafe-webgpu: timestamps are not rounded.
  const gpu = create(['disable-dawn-features=timestamp_quantization'])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
  globalThis.ppoPost = (message) => void process.send?.(message)
  await import(/* @vite-ignore */ new URL('./page/page.js', import.meta.url).href)
  process.on('message', ([id, name, args]: [number, string, string]) => globalThis.ppoStart(id, name, args))
  process.send?.(JSON.stringify({ ready: { loader } }))
}

await start()
