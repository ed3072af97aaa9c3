/**
 * A sweep on a simulated clock: the coordinator of a real one, with workers of different speeds that die and come back.
 * It measures what the coordinator costs, and counts what would pass through the NATS server.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { chooseEnv } from '../setup/environment'
import { createAsha } from './asha'
import { makeCoordinator } from './coordinate'
import { withFinals } from './finals'
import type { SweepFolder } from './folder'
import { createHalving } from './halving'
import { makePlan } from './plan'
import { ETA } from './rungs'
import { simulatedPool, WHOLE } from './simulatedpool'
import { makeTrials, parseSpace } from './space'

export interface Simulation {
  asha: boolean
  trials: number
  workers: number
  /** Most agents in a batch. */
  batch: number
  seed: number
}

export interface Simulated extends Simulation {
  rungs: number
  /** Results recorded; results that came again and were discarded. */
  results: number
  duplicates: number
  batches: number
  /** Batches that another worker went on with. */
  redelivered: number
  /** Simulated hours from the first batch to the last result. */
  hours: number
  /** Share of the time that a worker had work, from 0 to 1. */
  busy: number
  /** Real milliseconds of the coordinator for each result, and of the longest decision. */
  msPerResult: number
  msLongest: number
  /** Of all that the coordinator holds, at the end. */
  bytes: number
  /** Through the server, both directions, without what workers say of themselves; and the bytes of checkpoints. */
  messages: number
  fileBytes: number
}

/** What its trials search: four shapes of network. */
const SET = [
  'learningRate=loguniform(1e-4,1e-2)',
  'entCoef=choice(0,0.01)',
  'hidden=choice([16],[32],[64],[64,64])',
  'numEnvs=32',
  'numSteps=64',
  `totalTimesteps=${WHOLE.iterations * 32 * 64}`,
]
const FINALISTS = { finalists: 3, seeds: 5 }

/** @returns what a decision cost, and what would have been sent. */
export async function simulate(simulation: Simulation): Promise<Simulated> {
  const kept: unknown[] = []
  const course = await run(simulation, kept)
  await timersDone()
  const full = memory()
  kept.length = 0
  await timersDone()
  return { ...course, bytes: full - memory() }
}

/** @param kept Gets what the coordinator holds in memory at the end. */
async function run(simulation: Simulation, kept: unknown[]): Promise<Omit<Simulated, 'bytes'>> {
  const { asha, trials, workers, batch, seed } = simulation
  const { spec } = await chooseEnv('--env', 'CartPole-v1')
  const space = parseSpace({ set: SET, envSet: [] }, spec)
  const made = makeTrials(space, { trials, method: 'random', seed })
  const plan = makePlan(spec, {}, space, made, { eta: ETA })
  const rungs = plan.untils(made[0]).length
  const finals = {
    trials,
    finalists: Math.min(FINALISTS.finalists, trials),
    seeds: FINALISTS.seeds,
    firstSeed: seed + trials,
  }
  const scheduler = withFinals((asha ? createAsha : createHalving)(trials, { eta: ETA, rungs }), finals)
  const { open, counts } = simulatedPool({ workers, seed, rungs, batch })
  const folder = forgetfulFolder()
  const wrong = (line: string) => {
    throw new Error(`in the simulation ${line}`)
  }
  const coordinator = makeCoordinator({
    ...{ id: '0123456789abcdef', plan, scheduler, finals, folder, batch, asha, say: wrong },
    together: async () => {},
  })
  await coordinator.run(open, new AbortController().signal)
  const { results } = coordinator.progress.records
  if (results.length !== counts.results) throw new Error('the simulated sweep did not record all results.')
  kept.push(coordinator)
  return {
    ...simulation,
    ...{ rungs, results: results.length, duplicates: counts.duplicates, batches: counts.batches },
    ...{ redelivered: counts.redelivered, hours: counts.now / 3600, busy: counts.worked / (counts.now * workers) },
    ...{ msPerResult: counts.ms / results.length, msLongest: counts.longest, messages: counts.messages },
    fileBytes: counts.fileBytes,
  }
}

/** Makes the lines of the files, and writes none of them. */
function forgetfulFolder(): SweepFolder {
  const add = (line: object) => void Buffer.from(`${JSON.stringify(line)}\n`)
  const nothing = () => {}
  return {
    ...{ path: '', results: [], batches: [], draws: new Set() },
    ...{ addResult: add, addBatch: add, addDraw: (drawnAfter) => add({ drawnAfter }) },
    ...{ sync: nothing, file: nothing, close: nothing, ticket: () => 'f'.repeat(32) },
  }
}

/** What is held by a callback that is still to come is not counted. */
const timersDone = () => new Promise((resolve) => setTimeout(resolve, 1))

/** Bytes in use, after what is not needed any more is gone. */
function memory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Once leaves some of what was needed a moment ago.
  for (let i = 0; i < 2; i++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
