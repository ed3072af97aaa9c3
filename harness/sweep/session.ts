/** A sweep from its folder to its end: pool, live table, and what it writes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Output } from '../cli/output'
import { onInterrupt } from '../cli/signals'
import { createAsha } from './asha'
import { type Coordinator, makeCoordinator } from './coordinate'
import { withFinals } from './finals'
import type { SweepSetup } from './flags'
import type { Kept, SweepFolder } from './folder'
import { createHalving } from './halving'
import { type LiveTable, liveTable } from './live'
import { outcomesOf } from './outcomes'
import type { LivePage } from './page'
import { parallelChart } from './parallel'
import type { OpenPool, Pool } from './pool'
import { rankTrials } from './ranking'
import { policyName, resultsCsv, SHOWN, type SweepSummary, summariseSweep } from './report'
import { scatterChart } from './scatter'
import { liveScreen } from './terminal'

export interface OpenedPool {
  pool: OpenPool
  /** Ends what the pool needs: a browser, a connection. */
  close(): Promise<void>
}

export interface SweepSession {
  setup: SweepSetup
  folder: SweepFolder
  output: Output
  page: LivePage | null
  batch: number
  /** Says what begins, how many results are there, and whether that is all. From then on Ctrl-C stops in order. */
  announce(results: number, isOver: boolean): void
  /** Called only if something is left to do. */
  open(signal: AbortSignal): Promise<OpenedPool>
}

const DRAW_MS = { terminal: 250, lines: 1000 }

/** @returns The summary; null after an interruption. */
export async function runSweepSession(session: SweepSession): Promise<SweepSummary | null> {
  const stopping = new AbortController()
  const { release } = onInterrupt(() => {
    session.output.warn('\nStopping; once more to end at once.')
    stopping.abort()
  })
  try {
    return await searchAndReport(session, stopping.signal)
  } finally {
    release()
  }
}

async function searchAndReport(session: SweepSession, signal: AbortSignal): Promise<SweepSummary | null> {
  const { setup, folder, output } = session
  const { definition, plan, id, firstSeed } = setup
  const { trials, eta, rungs, finalists, finalSeeds, asha } = definition
  const finals = { trials, finalists, seeds: finalSeeds, firstSeed }
  const scheduler = withFinals((asha ? createAsha : createHalving)(trials, { eta, rungs }), finals)
  const screen = liveScreen(output.stream)
  const { batch } = session
  const coordinator = makeCoordinator({ id, plan, scheduler, finals, folder, batch, asha, say: screen.say })
  const { progress } = coordinator
  const wanted = () => (scheduler.done ? policiesOf(progress.records.results, setup, scheduler.finalists() ?? []) : [])
  const missing = () => wanted().filter(({ name }) => !existsSync(join(folder.path, name)))
  const keep = async (pool: Pool) => {
    for (const { name, row } of missing()) folder.file(name, await pool.files.get(row.policy!))
    const { results } = progress.records
    await pool.forget(results.flatMap(({ policy }) => policy?.name ?? []))
  }
  const isOver = scheduler.done && missing().length === 0
  session.announce(progress.records.results.length, isOver)
  if (!isOver) {
    const table = () =>
      liveTable({
        ...{ env: plan.spec.id, sweep: id, rungs, counts: scheduler.counts(), seconds: process.uptime() },
        ...{ best: progress.records.best, workers: progress.workers },
        ...{ duplicates: progress.duplicates, refused: progress.refused },
      })
    const show = (shown: LiveTable) => {
      screen.show(shown)
      session.page?.show(shown)
    }
    const drawing = setInterval(() => show(table()), output.stream.isTTY ? DRAW_MS.terminal : DRAW_MS.lines)
    try {
      if (!(await inPool(session.open, coordinator, keep, signal))) return null
      show(table())
    } finally {
      clearInterval(drawing)
      screen.end()
    }
  }
  return writeResults(setup, folder, progress.records.results, scheduler.finalists() ?? [])
}

/** @returns Whether the sweep is over. */
async function inPool(
  open: SweepSession['open'],
  coordinator: Coordinator,
  keep: (pool: Pool) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  let opened: OpenedPool | undefined
  try {
    opened = await open(signal)
    return !signal.aborted && (await coordinator.run(opened.pool, signal, keep))
  } finally {
    await opened?.close()
  }
}

/** The policies that are kept: of the finalists' runs, or without finalists of the best trials. */
function policiesOf(results: readonly Kept[], { definition }: SweepSetup, finalists: readonly number[]) {
  const { rungs, trials, finalSeeds, finalists: wanted } = definition
  const best = new Set(
    rankTrials(results, rungs)
      .slice(0, SHOWN)
      .map(({ trial }) => trial),
  )
  const isKept = ({ rung, trial }: Kept) => (wanted > 0 ? rung === rungs : rung === rungs - 1 && best.has(trial))
  return results
    .filter((row) => row.policy && isKept(row))
    .map((row) => {
      const trial = row.rung === rungs ? finalists[Math.floor((row.trial - trials) / finalSeeds)] : row.trial
      return { name: policyName(trial, row.seed), row }
    })
}

function writeResults(
  setup: SweepSetup,
  folder: SweepFolder,
  results: readonly Kept[],
  finalists: readonly number[],
): SweepSummary {
  const { id, definition, plan, trainArgs, module, space } = setup
  const { path: out } = folder
  const summary = summariseSweep({
    ...{ id, definition, results, finalists, out, trainArgs },
    totalTimesteps: plan.untils(plan.trials[0]).at(-1)!,
    evalArgs: module ? trainArgs.slice(0, 2) : [],
    hasPolicy: (name) => existsSync(join(out, name)),
  })
  folder.file('result.json', `${JSON.stringify(summary, null, 2)}\n`)
  folder.file('results.csv', resultsCsv(results))
  const pictured = {
    title: `Sweep of ${plan.spec.id}`,
    subtitle: `the search, by ${definition.method}; ${summary.adapters.join(', ')}`,
    ...{ axes: space.axes, rungs: definition.rungs },
    outcomes: outcomesOf(
      plan.trials,
      results.filter(({ rung }) => rung < definition.rungs),
    ),
  }
  folder.file('parallel.svg', parallelChart(pictured))
  folder.file('scatter.svg', scatterChart(pictured))
  return summary
}
