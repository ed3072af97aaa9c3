/** A command's work on one run: opens its folder and its machine, reports, and closes both in any case. */

import { derivedSizes } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
import { largest, smallest } from '../../src/extremes'
import { whyScaleActions } from '../../src/model/actions'
import { checkHooks } from '../../src/run/hooks'
import { provenance } from '../checkout/provenance'
import type { Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { count, type Output } from '../cli/output'
import { onInterrupt } from '../cli/signals'
import { type DiskWatch, watchDisk } from '../disk/disk'
import type { CurveRow } from '../figures/csv'
import { storedModule } from '../rundir/ownenv'
import { type ClaimedFolder, claimNewRun, claimOldRun, type NewRun } from '../rundir/place'
import { otherBits } from '../rundir/resume'
import type { Resumed } from '../rundir/resumed'
import { openRunDir, type RunDir, readRunJson, reopenRunDir } from '../rundir/rundir'
import { type OwnMetrics, readMetrics } from '../setup/logging'
import { readRuntime, type Setup } from '../setup/setup'
import { gpuMachine, type Machine, referenceMachine } from './machine'

export interface Session {
  setup: Setup
  dir: RunDir
  machine: Machine
  output: Output
  /** The user's own metrics. */
  metrics: OwnMetrics | undefined
  /** The state from which the run continues; null for a new one. */
  resumed: (Resumed & { rows: CurveRow[][] }) | null
  /** Whether the user has interrupted it. */
  interrupted(): boolean
  /** What a stop waits for; null if it does not wait. */
  underWay: string | null
}

/**
 * Locks the run's folder, opens the machine and then the files, calls `body`, and closes everything in any case. A
 * failure before the first row leaves nothing behind.
 * @param place The folder of a new run, or the state from which a run continues.
 * @throws UsageError for a wrong `--adapter`, `--runtime` or folder, and `--reference` without a twin, before any browser starts.
 */
export async function openSession(
  given: Given,
  setup: Setup,
  place: NewRun | Resumed,
  output: Output,
  body: (session: Session) => Promise<number>,
): Promise<number> {
  const choice = readRuntime(given)
  const metrics = await readMetrics(given)
  if (metrics) checkHooks({ metrics })
  if (given.has('reference') && !setup.spec.twin)
    throw new UsageError(`--reference: ${setup.spec.id} has no twin, which trains on the CPU. Leave --reference out.`)
  const watch = watchDisk(output.warn)
  const folder = isNew(place) ? claimNewRun(place) : claimOldRun(place.folder)
  let stop = () => {}
  const { interrupted, release } = onInterrupt(() => {
    const after = session?.underWay ? ` after ${session.underWay}` : ''
    output.warn(`\nStopping${after}; once more to end at once.`)
    stop()
  })
  let machine: Machine | undefined
  let session: Session | undefined
  let opened: Pick<Session, 'dir' | 'resumed'> | undefined
  let failed = true
  try {
    machine = given.has('reference') ? referenceMachine() : await gpuMachine(choice, output)
    stop = machine.stop
    if (interrupted()) return EXIT.interrupted
    opened = openFiles(setup, place, folder, watch)
    const { dir, resumed } = opened
    writeFacts(setup, dir, machine, resumed)
    announce(setup, dir, resumed, machine, output)
    session = { setup, dir, machine, output, metrics, resumed, interrupted, underWay: null }
    const code = await body(session)
    failed = false
    return code
  } finally {
    await machine?.close()
    if (!opened) folder.release()
    else if (failed && isNew(place) && opened.dir.isEmpty()) opened.dir.discard()
    else opened.dir.close()
    watch.report()
    release() // last: a second Ctrl-C while this closes also ends at once with its exit code
  }
}

const isNew = (place: NewRun | Resumed): place is NewRun => !('checkpoint' in place)

function openFiles(
  { spec, module, preset, config }: Setup,
  place: NewRun | Resumed,
  folder: ClaimedFolder,
  watch: DiskWatch,
): Pick<Session, 'dir' | 'resumed'> {
  const own = module && storedModule(folder.path, module)
  const content = { env: spec.id, source: sourceHash(spec), ...(own ? { module: own } : {}), preset, config }
  if (isNew(place)) {
    const dir = openRunDir(folder, watch)
    dir.json('config', content)
    return { dir, resumed: null }
  }
  const { dir, rows } = reopenRunDir(folder, place, watch)
  const before = readRunJson(dir.path, 'config')
  const { totalTimesteps } = (before.config ?? {}) as { totalTimesteps?: unknown }
  const isMoved = JSON.stringify(before.module) !== JSON.stringify(content.module)
  if (isMoved || totalTimesteps !== config.totalTimesteps) dir.json('config', content)
  return { dir, resumed: { ...place, rows } }
}

/** What ran, and where; each continued session is added to the earlier ones. */
function writeFacts({ policy }: Setup, dir: RunDir, machine: Machine, resumed: Session['resumed']): void {
  const facts = { ...provenance(), command: process.argv.slice(2).join(' '), ...machine.facts }
  if (!resumed) {
    dir.json('facts', policy ? { ...facts, policy: { from: policy.from, origin: policy.data.origin } } : facts)
    return
  }
  const before = readRunJson(dir.path, 'facts')
  const sessions = Array.isArray(before.resumed) ? before.resumed : []
  const from = resumed.checkpoint.snapshot.iterations
  dir.json('facts', { ...before, resumed: [...sessions, { fromIteration: from, ...facts }] })
}

function announce(
  { spec, config, policy }: Setup,
  dir: RunDir,
  resumed: Session['resumed'],
  machine: Machine,
  output: Output,
): void {
  const agents = config.numAgents > 1 ? `${config.numAgents} agents from seed ${config.seed}` : `seed ${config.seed}`
  const until = `up to ${count(config.totalTimesteps)} steps`
  const advice = whyScaleActions(spec.actionSpace, config)
  if (advice) output.warn(`WARNING: ${spec.id}: ${advice}`)
  if (policy) output.say(`Beginning with the weights of ${policy.from}.`)
  if (!resumed) {
    output.say(`Training ${spec.id}, ${agents}, for ${until}. Writing to ${dir.path}`)
    return
  }
  const { checkpoint, file, standing, pastSolved } = resumed
  const warning = otherBits(checkpoint, machine.adapter)
  if (warning) output.warn(`WARNING: ${warning}`)
  const { batchSize } = derivedSizes(config)
  const steps = standing.flatMap(({ iterations, goesOn }) => (goesOn ? [batchSize * iterations] : []))
  const [least, most] = [smallest(steps, batchSize * checkpoint.snapshot.iterations), largest(steps)]
  const trained = most > least ? `${count(least)} - ${count(most)}` : count(least)
  output.say(`Resuming ${spec.id}, ${agents}, from ${trained} steps (${file.path}) to ${until}.`)
  if (pastSolved)
    output.say('The environment was solved; from here on that does not end the run (stopWhenSolved false).')
}
