/** Deno on SwiftShader: what it prints, and what it makes of pipelines. */
import { type ExecFileException, execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logsOf, outputOf, type PipelineRequest } from '../../harness/compilereport/compile'
import { type Engine, findDeno } from './find'
import { softwareVulkan, type Vulkan } from './vulkan'

const COMPILER = fileURLToPath(new URL('../../harness/compilereport/pipelines.js', import.meta.url))

export interface Deno extends Engine {
  vulkan: Vulkan
  /** What `script` prints on stdout. @throws with what it says, if it fails. */
  run(script: string, ...args: string[]): Promise<string>
  /** Of each pipeline what is wrong with it; null: Deno makes SPIR-V of it. The driver does not compile that. */
  compile(pipelines: readonly PipelineRequest[]): Promise<(string | null)[]>
  close(): void
}

/** What a program prints on stdout. @throws with what it says on stderr, if it fails. */
export const printed = (program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string): void =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout)
    execFile(program, args, { env, encoding: 'utf8', timeout: 300_000 }, done)
  })

export function openDeno(): Deno {
  const engine = findDeno()
  const vulkan = softwareVulkan()
  const uncompiled = vulkan.uncompiled()
  const env = { ...process.env, ...vulkan.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' }
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-deno-'))
  return {
    ...engine,
    vulkan,
    run: (script, ...args) => printed(engine.path, ['run', '--allow-all', script, ...args], env),
    async compile(pipelines) {
      const file = join(folder, 'pipelines.json')
      const args = ['run', '--allow-all', COMPILER, file]
      const logs = await logsOf('deno', pipelines, file, () => outputOf(engine.path, args, { ...env, ...uncompiled }))
      // A panic of naga ends the process: what it says is in no log.
      return logs.map((log) => (log === null ? 'it ended the process' : (/^@@error (.*)/m.exec(log)?.[1] ?? null)))
    },
    close() {
      vulkan.close()
      rmSync(folder, { recursive: true })
    },
  }
}
