import { openRuntime, type Runtime } from '../../harness/runtime'

/** Kept on `globalThis`: the module may be loaded once for each test file, the browser may not. */
const shared = globalThis as { ppoRuntime?: Promise<Runtime> }

/** The page that all GPU tests share. No adapter: every test that asks fails. */
export function gpu(): Promise<Runtime> {
  shared.ppoRuntime ??= openRuntime()
  return shared.ppoRuntime
}
