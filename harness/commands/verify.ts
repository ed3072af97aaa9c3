/** `verify`: checks the CPU reference and the GPU against numbers of other software. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageRoot } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, HarnessError, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { makeOutput, type Output } from '../cli/output'
import { openRuntime } from '../runtime/open'
import type { Runtime } from '../runtime/runtime'
import { announceAdapter, RUNTIME_FLAGS, readRuntime } from '../setup/setup'
import type { Check } from '../verify/check'
import { replayDumpGpu, replayDumpReference } from '../verify/dump'
import { type Golden, readGolden } from '../verify/file'
import { verifyGaeGpu, verifyGaeReference } from '../verify/gae'
import { verifyLanderGpu, verifyLanderReference } from '../verify/lander'
import { verifyMinAtarGpu, verifyMinAtarReference } from '../verify/minatar'
import { verifyPlanarGpu, verifyPlanarReference } from '../verify/planar'
import { verifyTransitionsGpu, verifyTransitionsReference } from '../verify/transitions'
import { verifyUpdateGpu, verifyUpdateReference } from '../verify/update'
import { VERIFY_FIELDS, type VerifiedFile } from './fields/checks'

export const verify: Command = {
  name: 'verify',
  summary: 'Replay golden files through the GPU and the CPU reference.',
  positionals: { usage: '[FILE]...', min: 0, max: Number.POSITIVE_INFINITY },
  flags: { json: { help: 'Print the result as one line of JSON, the last of stdout.' }, ...RUNTIME_FLAGS },
  details:
    'Kinds: PPO updates, GAE and the dumps of runs that diverged (.safetensors), recorded transitions of an environment\n' +
    '(.json), recorded episodes of LunarLander with all their draws (.json with meta.box2d, or .ndjson), recorded steps of\n' +
    'MinAtar with theirs (.json with game), and steps and evaluations of forces recorded in MuJoCo (.json with meta.xml).\n' +
    'Without FILE, all of test/golden. Exit code 1 when a number is out of its limit, or a dump is not reproduced, 2 when a\n' +
    'file cannot be read or is not supported.',
  results: { verify: VERIFY_FIELDS },
  run: runVerify,
}

async function runVerify(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'))
  const choice = readRuntime(given)
  const paths = given.positionals.length ? given.positionals : defaultFiles()
  for (const path of paths) {
    if (!existsSync(path) || !statSync(path).isFile()) throw new UsageError(`${path}: there is no such file.`)
  }
  const goldens = paths.map((path) => ({ file: relative(process.cwd(), path) || path, ...readGolden(path) }))

  const runtime = await openRuntime(choice)
  const files: VerifiedFile[] = []
  try {
    announceAdapter(output, runtime.facts)
    for (const { file, ...golden } of goldens) {
      const checks = [...verifyReference(golden), ...(await verifyGpu(golden, runtime, file))]
      files.push({ file, kind: golden.kind, checks })
      describe(files[files.length - 1], output)
    }
  } finally {
    await runtime.close()
  }
  const ok = files.every((f) => f.checks.every((c) => c.ok))
  const all = files.flatMap((f) => f.checks)
  output.result(
    inOrder(VERIFY_FIELDS, { ok, files }),
    `${ok ? 'OK' : 'FAILED'}: ${all.filter((c) => c.ok).length} of ${all.length} checks within their limits.`,
  )
  return ok ? EXIT.done : EXIT.checkFailed
}

function defaultFiles(): string[] {
  const folder = join(packageRoot(), 'test', 'golden')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  // What is in the folders is compared by unit tests; there is nothing to replay.
  const recorded = names.filter((name) => /\.(safetensors|json|ndjson)$/.test(name))
  const files = recorded.map((name) => join(folder, name))
  if (files.length === 0) throw new UsageError(`${folder}: no golden files. Name some: verify FILE...`)
  return files
}

function verifyReference(golden: Golden): Check[] {
  if (golden.kind === 'update') return verifyUpdateReference(golden.golden)
  if (golden.kind === 'gae') return verifyGaeReference(golden.golden)
  if (golden.kind === 'dump') return replayDumpReference(golden.golden)
  if (golden.kind === 'episodes') return verifyLanderReference(golden.golden)
  if (golden.kind === 'mujoco') return verifyPlanarReference(golden.golden)
  if (golden.kind === 'minatar') return verifyMinAtarReference(golden.golden)
  return verifyTransitionsReference(golden.golden)
}

/** What the GPU does not support is an error that names the file, never a pass. */
async function verifyGpu(golden: Golden, runtime: Runtime, file: string): Promise<Check[]> {
  try {
    if (golden.kind === 'update') return await verifyUpdateGpu(golden.golden, runtime)
    if (golden.kind === 'gae') return await verifyGaeGpu(golden.golden, runtime)
    if (golden.kind === 'dump') return await replayDumpGpu(golden.golden, runtime)
    if (golden.kind === 'episodes') return await verifyLanderGpu(golden.golden, runtime)
    if (golden.kind === 'mujoco') return await verifyPlanarGpu(golden.golden, runtime)
    if (golden.kind === 'minatar') return await verifyMinAtarGpu(golden.golden, runtime)
    return await verifyTransitionsGpu(golden.golden, runtime)
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    const { exitCode, code, pageStack } = error
    throw new HarnessError(`${file}: ${error.message}`, exitCode, { code, pageStack })
  }
}

function describe({ file, kind, checks }: VerifiedFile, output: Output): void {
  output.say(`${file} (${kind})`)
  for (const side of ['reference', 'gpu'] as const) {
    if (kind === 'dump') {
      for (const c of checks.filter((c) => c.side === side)) output.say(`  ${side.padEnd(10)}${c.name}${c.worst}`)
      continue
    }
    const own = checks.filter((c) => c.side === side)
    if (kind === 'episodes' || kind === 'mujoco' || kind === 'minatar') {
      output.say(`  ${side.padEnd(10)}${own.filter((c) => c.ok).length} of ${own.length} within limits`)
      for (const c of own) output.say(`    ${c.ok ? 'ok    ' : 'FAILED'} ${c.name}: ${c.note}${c.worst ?? ''}`)
      continue
    }
    const share = (c: Check) => (c.measure === 'rel' ? c.maxRelError : c.maxAbsError)! / (c.limit || 1)
    const passed = own.filter((c) => c.ok)
    const closest = passed.reduce((a, b) => (share(b) > share(a) ? b : a), passed[0])
    const near = closest
      ? `; nearest to its limit: ${closest.name}, at ${(100 * share(closest)).toPrecision(2)} % of ${closest.limit}`
      : ''
    output.say(`  ${side.padEnd(10)}${passed.length} of ${own.length} within limits${near}`)
    for (const c of own.filter((c) => !c.ok)) {
      const show = (value: number | null) => value?.toExponential(2) ?? 'not finite'
      output.say(
        `    FAILED ${c.name}${c.worst}; ${c.measure} error ${show(c.measure === 'rel' ? c.maxRelError : c.maxAbsError)}, limit ${c.limit}`,
      )
    }
  }
}
