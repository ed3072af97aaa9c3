/** Compiles the pipelines of the report with one of Mesa's drivers, in a process of their own, and reads what it says. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../checkout/root.js'
import { HarnessError } from '../cli/errors'
import type { Pipeline } from './collect'
import { FAMILIES, type Family } from './families'
import { instructionsPerMultiply } from './loops'
import { cacheFolder, rootOf, type SetName } from './packages'
import type { Compiled } from './report'

/** What harness/compilereport/pipelines.js reads of a pipeline. */
export interface PipelineRequest extends Pick<Pipeline, 'code' | 'storage' | 'constants'> {
  /** Its entry point. */
  stem: string
  /** The module alone, without a pipeline. */
  moduleOnly?: boolean
}

const own = (name: string): string => join(packageRoot(), 'harness', 'compilereport', name)
const libraries = (root: string): string[] => ['usr/lib', 'lib'].map((name) => join(root, name, 'x86_64-linux-gnu'))

function find(root: string, name: string): string {
  const file = libraries(root)
    .map((folder) => join(folder, name))
    .find(existsSync)
  if (!file)
    throw new HarnessError(`compile-report: ${name} is not below ${root}. Run compile-report -- --install again.`)
  return file
}

/** Builds the driver that compiles and never executes, and returns the file that Vulkan's loader reads. */
function buildDriver(set: SetName): string {
  const library = join(cacheFolder(), set, 'libcompile_only.so')
  const headers = join(rootOf(set), 'usr', 'include')
  const args = ['-shared', '-fPIC', '-O1', `-I${headers}`, '-o', library, own('compile_only.c'), '-ldl']
  try {
    execFileSync('cc', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  } catch (error) {
    const { code, stderr, message } = error as { code?: string; stderr?: string; message: string }
    const why = code === 'ENOENT' ? "there is no C compiler, cc: install Debian's gcc and libc6-dev" : stderr || message
    throw new HarnessError(`compile-report: cannot build compile_only.c: ${why}`)
  }
  const icd = join(cacheFolder(), set, 'compile_only.json')
  const ICD = { api_version: '1.4.305', library_path: library }
  writeFileSync(icd, JSON.stringify({ file_format_version: '1.0.0', ICD }))
  return icd
}

/** Statistics, listing and time of every pipeline, in the order given; null for one that a compiler crashes at. */
export async function compileAll(name: string, pipelines: readonly Pipeline[]): Promise<(Compiled | null)[]> {
  const family = FAMILIES[name]
  const root = rootOf(family.set)
  const icd = buildDriver(family.set)
  const folder = join(cacheFolder(), 'requests')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  // The libraries of the set come with a libc of their own, and so with its program loader.
  const path = [...libraries(root), '/usr/lib/x86_64-linux-gnu'].join(':')
  const preload = family.shim ? ['--preload', find(root, family.shim)] : []
  const args = ['--library-path', path, ...preload, process.execPath, own('pipelines.js'), file]
  const env = {
    ...process.env,
    ...{ VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd, COMPILE_ONLY_DRIVER: find(root, family.driver) },
    ...{ COMPILE_ONLY_TEXT: '1', MESA_SHADER_CACHE_DISABLE: 'true' },
    ...family.env,
  }
  const program = find(root, 'ld-linux-x86-64.so.2')
  const logs = await logsOf(`compile-report: ${name}`, pipelines, file, () => outputOf(program, args, env))
  return logs.map((log, i) => (log === null ? null : compiledOf(name, family, pipelines[i], log)))
}

/**
 * What pipelines.js writes about each pipeline; null for one that ends the process, after which the next ones are compiled by
 * another. `run` starts it on the requests in `file` and returns all of its output.
 */
export async function logsOf(
  name: string,
  pipelines: readonly PipelineRequest[],
  file: string,
  run: () => Promise<string>,
): Promise<(string | null)[]> {
  const logs: (string | null)[] = []
  while (logs.length < pipelines.length) {
    const requests = pipelines.slice(logs.length).map(
      ({ stem, code, storage, constants, moduleOnly }): PipelineRequest => ({
        ...{ stem, code, storage, constants, moduleOnly },
      }),
    )
    writeFileSync(file, JSON.stringify(requests))
    const log = await run()
    const parts = log.split(/^@@ \d+$/m).slice(1)
    if (parts.length === 0) throw new HarnessError(`${name}: the driver did not start.\n${log.slice(-1500)}`)
    for (const part of parts) logs.push(/^@@ms /m.test(part) ? part : null)
  }
  return logs
}

const describe = ({ stem, shapes }: Pipeline): string => `${stem}, ${shapes[0]}`

/** What a driver said about one pipeline. */
function compiledOf(name: string, family: Family, pipeline: Pipeline, log: string): Compiled {
  const fail = (why: string): never => {
    throw new HarnessError(`compile-report: ${name}: ${describe(pipeline)}: ${why}`)
  }
  const error = /^@@error (.*)/m.exec(log)
  if (error) fail(error[1])
  const statistics = new Map(
    [...log.matchAll(/^@stat (.+): ([\d.]+)$/gm)].map(([, key, value]) => [key, Number(value)]),
  )
  const number = (key: string): number => statistics.get(key) ?? fail(`the driver says nothing about "${key}"`)
  const { listing } = family
  const text = listing && log.split(`@text ${listing.name}\n`)[1]?.split('\n@end')[0]
  if (listing && !text) fail(`the driver gives no "${listing.name}"`)
  const products = /^(fused|dense|conv)_/.test(pipeline.stem)
  const perMultiply = listing && products ? instructionsPerMultiply(text!, listing) : null
  return {
    registers: number(family.registers),
    spills: family.spills.reduce((sum, key) => sum + number(key), 0),
    instructions: number(family.instructions),
    codeBytes: number('Code size') * family.codeUnit,
    occupancy: number(family.occupancy),
    perMultiply: perMultiply === null ? null : Math.round(perMultiply * 100) / 100,
    seconds: Number(/^@@ms (\d+)/m.exec(log)?.[1] ?? fail('it did not finish')) / 1000,
  }
}

/** A compiler that takes longer for all pipelines together has lost its way in one of them. */
const MOST_SECONDS = 1800

/** Everything that a program writes to stderr. It goes by a file: what a driver prints into a full pipe is lost. */
export async function outputOf(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-'))
  const file = join(folder, 'stderr')
  const stderr = openSync(file, 'w')
  try {
    await new Promise<void>((resolve, reject) => {
      const timeout = MOST_SECONDS * 1000
      const child = spawn(program, args, { env, cwd: packageRoot(), stdio: ['ignore', 'ignore', stderr], timeout })
      child.on('error', (error) => reject(new HarnessError(`compile-report: ${program}: ${error.message}`)))
      child.on('close', () => resolve())
    })
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(stderr)
    rmSync(folder, { recursive: true })
  }
}
