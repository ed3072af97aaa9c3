import { type ChromeRuntime, openChrome } from '../../harness/runtime/chrome'

/** Kept on `globalThis`: the module may be loaded once for each test file, the browser may not. */
const shared = globalThis as { ppoRuntime?: Promise<ChromeRuntime> }

/** The page that all GPU tests share. Without an adapter every test that uses it fails. */
export function gpu(): Promise<ChromeRuntime> {
  shared.ppoRuntime ??= openChrome().then((runtime) => {
    // Vitest ends its worker with this signal; only an ordinary exit removes the browser's profile.
    process.once('SIGTERM', () => process.exit())
    return runtime
  })
  return shared.ppoRuntime
}
