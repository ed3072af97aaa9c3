import { openRuntime, type Runtime } from '../../harness/runtime'

/** Kept on `globalThis`: the module may be loaded once for each test file, the browser may not. */
const shared = globalThis as { ppoRuntime?: Promise<Runtime> }

/** The page that all GPU tests share. No adapter: every test that asks fails. */
export function gpu(): Promise<Runtime> {
  shared.ppoRuntime ??= openRuntime().then((runtime) => {
    // Vitest ends its worker with this signal; only an ordinary exit lets the browser's profile be removed.
    process.once('SIGTERM', () => process.exit())
    return runtime
  })
  return shared.ppoRuntime
}
