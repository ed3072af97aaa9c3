/** `learn`: trains one configuration with several seeds in parallel, and evaluates their policies. */

import { provenance } from '../checkout/provenance'
import type { Command, Given } from '../cli/args'
import { EXIT, UsageError } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { commandLine } from '../cli/invocation'
import { count, linesOfJson, makeOutput, table } from '../cli/output'
import { seedsCurve } from '../figures/curve'
import { failIfDiverged } from '../figures/diverged'
import { deviation, meanOrNull } from '../figures/summary'
import { FORCE_FLAG, readNewRun } from '../rundir/place'
import { writeCurve } from '../rundir/rundir'
import { LOG_FLAG, METRICS_FLAG, readLog } from '../setup/logging'
import { optionList } from '../setup/options'
import { CONFIG_FLAGS, readInteger, readSetup } from '../setup/setup'
import {
  CURVE_POINTS,
  EPISODES,
  type LearnSummary,
  type SeedResult,
  seedResults,
  summariseSeeds,
} from '../training/seeds'
import { openSession, type Session } from '../training/session'
import { trainRun } from '../training/training'
import { LEARN_FIELDS } from './fields/training'
import { bestText } from './train'

const { env, preset, seed, 'num-agents': numAgents, ...others } = CONFIG_FLAGS
const AGENTS_REFUSED = 'learn trains one agent for each seed. Use --seeds N.'

export const learn: Command = {
  name: 'learn',
  summary: 'Train several seeds in parallel; draw a learning curve and evaluate every policy.',
  flags: {
    env,
    seeds: { value: 'N', help: 'Number of seeds; default 5.' },
    seed: { value: 'N', help: 'The first seed; the others are the numbers after it.' },
    preset,
    ...others,
    'num-agents': { ...numAgents, refused: AGENTS_REFUSED },
    out: { value: 'DIR', help: 'Where to write; default a new runs/<env>-learn-s<first seed>-<time>.' },
    force: FORCE_FLAG,
    reference: { help: 'Train with the CPU reference in this process instead of the GPU; for comparison.' },
    log: LOG_FLAG,
    metrics: METRICS_FLAG,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  get details() {
    return [
      `Each seed is a separate agent; all train in the same dispatches. Then each policy plays ${EPISODES} episodes on the\n` +
        'CPU with deterministic actions, from initial states that training did not draw. The folder holds\n' +
        'learning-curve.svg (mean and middle half of the seeds), learn.json, policy-<k>.safetensors of the k-th seed\n' +
        '(policy.safetensors is the first), metrics.jsonl, metrics.csv, config.json and facts.json. learn.json holds what\n' +
        '--json prints and where it comes from: seeds, evalReturns, solvedAt and solvedSeconds (of training, all seeds side by\n' +
        'side, until the seed was seen to be solved) are per seed; evalReturn and evalReturnStd are mean and standard deviation\n' +
        'of evalReturns; timesteps is the mean over seeds; wallSeconds is the time of training; sps counts the steps of all\n' +
        `seeds; curve has the return over the latest 100 episodes, thinned to at most ${CURVE_POINTS} points. Ctrl-C stops and saves\n` +
        'without the evaluation, which is then null; the exit code is 75.\n' +
        `A folder that holds a run is refused without --force. ${commandLine('eval', 'DIR --agent K')} plays the policy of the\n` +
        'k-th seed.',
      optionList('numAgents'),
    ].join('\n\n')
  },
  results: { learn: LEARN_FIELDS },
  run: runLearn,
}

async function runLearn(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'), readLog(given))
  const seeds = readInteger(given, 'seeds', 5, 1, 32767)
  if (given.all('set').some((pair) => pair.startsWith('numAgents='))) {
    throw new UsageError(`--set numAgents: ${AGENTS_REFUSED}`)
  }
  const setup = await readSetup(given, { numAgents: seeds })
  const { spec, config } = setup
  const [swept] = [
    ...Object.keys(config.sweep),
    ...Object.keys(config.envParams)
      .filter((name) => Array.isArray(config.envParams[name]))
      .map((name) => `envParams.${name}`),
  ]
  if (swept !== undefined) {
    throw new UsageError(
      `config.${swept}: learn trains every seed with the same options, one value each, and seeds in a row. ` +
        'For values that differ between agents use train --num-agents.',
    )
  }
  if (!spec.twin) throw new UsageError(`--env: ${spec.id} has no CPU twin to evaluate policies in. Use train.`)
  return openSession(given, setup, readNewRun(given, `${spec.id}-learn`, config.seed), output, finishLearn)
}

async function finishLearn(session: Session): Promise<number> {
  const { setup, dir, output, machine, interrupted } = session
  const { spec, config } = setup
  const trained = await trainRun(session, null)
  const agents = await seedResults(session, trained)
  const summary = summariseSeeds(session, trained, agents)
  const { seeds, curve } = summary
  const goal = spec.rewardThreshold === null ? [] : `${agents.filter((a) => a.solvedAt !== null).length} solved`
  const facts = ['PPO', `${seeds.length} seeds from ${seeds[0]}`, goal, machine.adapter].flat().join(', ')
  const source = { ...provenance(), ...machine.facts }
  dir.file('learn.json', linesOfJson({ ...summary, interrupted: interrupted(), agents, config, source }))
  writeCurve(dir, () => seedsCurve(spec, curve, facts))
  const text = dir.watch.decorate('the summary', () => summaryText(summary, agents, spec.rewardThreshold))
  output.result(inOrder(LEARN_FIELDS, summary), text ?? JSON.stringify(summary))
  failIfDiverged(trained.rows, trained.dumps)
  return interrupted() ? EXIT.interrupted : EXIT.done
}

const spread = (mean: number | null, std: number | null, digits: number): string =>
  mean === null ? '-' : `${count(mean, digits)} +- ${count(std, digits)}`

function iqmText({ evalIqm, evalIqmLow, evalIqmHigh }: LearnSummary): string[] {
  if (evalIqmLow === null) return []
  return [
    `Interquartile mean ${count(evalIqm, 1)} (95 % interval ${count(evalIqmLow, 1)} to ${count(evalIqmHigh, 1)}).`,
  ]
}

/** A row for each seed, then mean and standard deviation over them. */
function summaryText(summary: LearnSummary, agents: SeedResult[], threshold: number | null): string {
  const over = (values: (number | null)[], digits: number) =>
    values.includes(null) ? '-' : spread(meanOrNull(values), deviation(values as number[]), digits)
  const rows = [
    ['seed', 'solved at', 'seconds', 'final return', 'evaluation'],
    ...agents.map((a) => [
      String(a.seed),
      count(a.solvedAt),
      count(a.solvedSeconds, 1),
      count(a.episodicReturn, 1),
      spread(a.evaluation?.meanReturn ?? null, a.evaluation?.stdReturn ?? null, 1),
    ]),
    [
      'all',
      over(summary.solvedAt, 0),
      over(summary.solvedSeconds, 1),
      over(
        agents.map((a) => a.episodicReturn),
        1,
      ),
      spread(summary.evalReturn, summary.evalReturnStd, 1),
    ],
  ]
  const { seeds, evalReturn, evalReturnStd, timesteps, wallSeconds, sps, out } = summary
  const goal = threshold === null ? '' : ` (the threshold is ${threshold})`
  return [
    table(rows),
    evalReturn === null
      ? 'Not every seed was evaluated.'
      : `Return ${spread(evalReturn, evalReturnStd, 1)} over ${seeds.length} seeds, ${EPISODES} episodes each${goal}.`,
    ...iqmText(summary),
    ...bestText(summary),
    `${count(timesteps)} steps of each seed in ${wallSeconds.toFixed(1)} s of training: ${count(sps)} steps/s in all.`,
    `The curve is ${out}/learning-curve.svg.`,
  ].join('\n')
}
