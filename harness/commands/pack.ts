/** `pack`: writes one archive with which a bare Linux machine can run verify and bench, without a network. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { commit, PACKED_COMMIT } from '../checkout/provenance'
import { packageRoot, packageVersion } from '../checkout/root.js'
import type { Command, Given } from '../cli/args'
import { EXIT, HarnessError, UsageError } from '../cli/errors'
import { checkOutput, placeOutput, replaceFlag } from '../cli/outfile'
import { temporaryPath } from '../disk/disk'
import { LOADER, SWIFTSHADER, swiftShaderFolder, vulkanLoaders } from '../node/vulkan'

export const pack: Command = {
  name: 'pack',
  summary: 'Pack what a bare Linux machine (x86-64) needs to run verify and bench, without a network or a browser.',
  flags: {
    out: {
      value: 'FILE',
      help: 'The archive; default ppo-webgpu-<version>-linux-x64.tar.gz, which is replaced.',
    },
    force: replaceFlag('--out'),
  },
  details:
    'There: tar -xzf FILE, then ppo-webgpu/run.sh [--adapter KIND] [options of bench]. It runs verify and bench with\n' +
    "--runtime node, and leaves their JSON in ppo-webgpu/results. On a GPU it uses the system's own Vulkan driver\n" +
    '(VK_DRIVER_FILES names another); without one, the SwiftShader that was packed if a Chrome was found here. The machine\n' +
    'needs glibc 2.34 or newer and nothing else.',
  run: runPack,
}

async function runPack(given: Given): Promise<number> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new UsageError(
      `pack: packs the programs of this machine (${process.platform} ${process.arch}). Run it on Linux x64.`,
    )
  }
  const root = packageRoot()
  if (!existsSync(join(root, 'test', 'golden'))) throw new UsageError('pack: works in a checkout of ppo-webgpu only.')
  const named = given.text('out')
  // The archive with this name was made from this checkout, and can be made again.
  const force = given.has('force') || named === undefined
  const wanted = named ?? `ppo-webgpu-${packageVersion()}-linux-x64.tar.gz`
  checkOutput('out', wanted, force)
  let out = resolve(wanted)
  const staging = mkdtempSync(join(tmpdir(), 'ppo-webgpu-pack-'))
  try {
    const folder = join(staging, 'ppo-webgpu')
    collect(root, folder)
    const owner = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner']
    const archive = temporaryPath(out)
    execFileSync('tar', ['-czf', archive, ...owner, '-C', staging, 'ppo-webgpu'], { stdio: 'inherit' })
    out = placeOutput(archive, out, force)
  } catch (error) {
    if (error instanceof HarnessError) throw error
    throw new HarnessError(`pack: ${(error as Error).message}`)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  process.stdout.write(`${out}: ${(statSync(out).size / 1e6).toFixed(1)} MB. There: tar -xzf, then ppo-webgpu/run.sh\n`)
  return EXIT.done
}

/** Collects the contents of the archive in `folder`. */
function collect(root: string, folder: string): void {
  const put = (from: string, ...to: string[]) => cpSync(realpathSync(from), join(folder, ...to), { recursive: true })
  put(process.execPath, 'bin', 'node')
  for (const name of ['cli.js', 'host.js', 'page']) put(join(root, 'dist', name), 'dist', name)
  for (const name of ['package.json', 'LICENSE']) put(join(root, name), name)
  put(join(root, 'test', 'golden'), 'test', 'golden')
  const dawn = dirname(createRequire(import.meta.url).resolve('webgpu'))
  for (const name of ['package.json', 'LICENSE.md', 'index.js', join('dist', 'linux-x64', 'dawn.node')]) {
    put(join(dawn, name), 'node_modules', 'webgpu', name)
  }
  const loader = vulkanLoaders().find((path) => path !== LOADER)
  if (loader) put(loader, 'vulkan', LOADER)
  const swiftShader = swiftShaderFolder()
  if (swiftShader) for (const name of SWIFTSHADER) put(join(swiftShader, name), 'vulkan', name)
  for (const path of cppLibraries()) put(path, 'lib', basename(path))
  writeFileSync(join(folder, PACKED_COMMIT), `${commit() ?? ''}\n`)
  mkdirSync(join(folder, 'results'))
  writeFileSync(join(folder, 'run.sh'), RUN, { mode: 0o755 })
}

/** Node's C++ libraries, which some bare machines do not have. */
function cppLibraries(): string[] {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] }
  return sharedObjects.filter((path) => /^lib(stdc\+\+|gcc_s)\.so/.test(basename(path)))
}

/** Uses only builtins of the shell: there may be no PATH. */
const RUN = `#!/bin/sh
# run.sh [--adapter auto|software|hardware] [options of bench]: verify, then bench; their JSON goes to results/.
here=\${0%/*}
[ "$here" = "$0" ] && here=.
cd "$here" || exit 2
adapter=auto
if [ "$1" = --adapter ]; then
  adapter=$2
  shift 2
fi
# The C++ libraries of the system come first: a GPU's driver may need newer ones than those that were packed.
./bin/node --version >/dev/null 2>&1 || export LD_LIBRARY_PATH="$PWD/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
./bin/node dist/cli.js verify --runtime node --adapter "$adapter" --json >results/verify.json
verified=$?
[ "$verified" -gt 1 ] && exit "$verified"
./bin/node dist/cli.js bench --runtime node --adapter "$adapter" --json results "$@" || exit
exit "$verified"
`
