/** Chrome and dawn.node side by side, for the tests that compare them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { buildCli } from '../../harness/build.js'
import { type ChromeRuntime, openChrome } from '../../harness/runtime/chrome'
import { openNode } from '../../harness/runtime/node'
import type { Runtime } from '../../harness/runtime/runtime'

// SwiftShader is the only adapter that both runtimes have on every Linux machine: both load the library of the same
// Chrome, so that results can be compared bit by bit. It is requested even if there is a GPU.
export const SOFTWARE = { adapter: 'software' } as const

export const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-node-'))
export let chrome: ChromeRuntime
export let node: Runtime

/** Opens both before the tests of the file that calls it, and closes them after. */
export function useRuntimes(): void {
  beforeAll(async () => {
    await buildCli()
    ;[chrome, node] = await Promise.all([openChrome(SOFTWARE), openNode(SOFTWARE)])
  })
  afterAll(async () => {
    await Promise.all([chrome.close(), node.close()])
    rmSync(folder, { recursive: true })
  })
}
