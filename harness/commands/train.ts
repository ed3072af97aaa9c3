/** `train`: trains one run, and writes its folder. */

import type { Every } from '../../src/run/api'
import type { Command, Given } from '../cli/args'
import { EXIT } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { commandLine, quoted } from '../cli/invocation'
import { count, makeOutput, table } from '../cli/output'
import { learningCurve } from '../figures/curve'
import { failIfDiverged } from '../figures/diverged'
import type { TrainSummary } from '../figures/summary'
import { CHECKPOINT_EVERY, readEvery } from '../rundir/checkpoints'
import { FORCE_FLAG, readNewRun } from '../rundir/place'
import { readResume } from '../rundir/resume'
import { writeCurve } from '../rundir/rundir'
import { moduleText } from '../setup/environment'
import { LOG_FLAG, METRICS_FLAG, readLog } from '../setup/logging'
import { optionList } from '../setup/options'
import { CONFIG_FLAGS, readSetup, type Setup } from '../setup/setup'
import { diagnosisText } from '../training/diagnosis'
import { POLICY_FLAG, readPolicySetup } from '../training/first'
import { openSession, type Session } from '../training/session'
import { summariseRun, trainRun, wayOn } from '../training/training'
import { TRAIN_FIELDS } from './fields/training'

export const train: Command = {
  name: 'train',
  summary: 'Train a policy on the GPU.',
  flags: {
    ...CONFIG_FLAGS,
    out: { value: 'DIR', help: 'Where to write the run; default a new runs/<env>-s<seed>-<time>.' },
    force: FORCE_FLAG,
    resume: {
      value: 'DIR_OR_CHECKPOINT',
      help: 'Continue a run from its latest checkpoint, or from the named one; only --total-timesteps may change.',
    },
    policy: POLICY_FLAG,
    'checkpoint-every': {
      value: 'TIME',
      help: `How often to write a checkpoint: seconds such as 30s, iterations such as 10i, or none; ${CHECKPOINT_EVERY} unless given.`,
    },
    reference: { help: 'Train with the CPU reference in this process instead of the GPU; for comparison.' },
    log: LOG_FLAG,
    metrics: METRICS_FLAG,
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  get details() {
    return [
      'The run folder holds config.json, facts.json, metrics.jsonl, metrics.csv, policy.safetensors (agent 0; with several\n' +
        'agents also policy-<k>.safetensors), learning-curve.svg and result.json, which is what --json prints: timesteps,\n' +
        'episodes, episodicReturn and solvedAt are per agent (the mean, with several), wallSeconds is the time of training,\n' +
        'sps counts the steps of all agents.\n' +
        'checkpoint-<iteration>.safetensors, the last two, hold the whole state of training. Ctrl-C finishes the\n' +
        'submitted iterations, writes one and exits with 75; --resume continues in the same folder, and rows, curve and\n' +
        'result are then those of the whole run. With a larger --total-timesteps a finished run continues too, and one that\n' +
        'stopped because it solved its environment, which then has stopWhenSolved=false; schedules run to the new end. Options\n' +
        'that differ from those of the checkpoint are errors.\n' +
        'A folder that holds a run is refused without --force, and while another process trains in it. Other files of yours in\n' +
        'it stay. The exit code after Ctrl-C is 75; under npm run, npm may answer 130 in its place.',
      optionList(),
    ].join('\n\n')
  },
  results: { train: TRAIN_FIELDS },
  run: runTrain,
}

async function runTrain(given: Given): Promise<number> {
  const output = makeOutput(given.has('json'), readLog(given))
  const every = readEvery(given)
  const finish = (session: Session) => finishTrain(session, every)
  if (given.has('resume')) {
    const { setup, resumed } = await readResume(given)
    return openSession(given, setup, resumed, output, finish)
  }
  const setup = given.has('policy') ? await readPolicySetup(given) : await readSetup(given)
  return openSession(given, setup, readNewRun(given, setup.spec.id, setup.config.seed), output, finish)
}

async function finishTrain(session: Session, checkpoints: Every | null): Promise<number> {
  const { setup, dir, machine, output, interrupted } = session
  const trained = await trainRun(session, checkpoints)
  const { rows, result, dumps } = trained
  const summary = summariseRun(session, trained)
  const { calls, hostMsPerIteration, tuning } = result
  dir.json('result', {
    ...summary,
    interrupted: interrupted(),
    calls,
    hostMsPerIteration,
    tuning,
    commandSeconds: process.uptime(),
  })
  writeCurve(dir, () => learningCurve(setup.spec, rows, machine.adapter))
  output.result(
    inOrder(TRAIN_FIELDS, summary),
    dir.watch.decorate('the summary', () => summaryText(summary, setup)) ?? JSON.stringify(summary),
  )
  failIfDiverged(rows, dumps)
  if (!interrupted()) return EXIT.done
  const way = wayOn(dir)
  if (way) output.warn(way)
  return EXIT.interrupted
}

/** The most agents in the table of a sweep; result.json has them all. */
const SHOWN = 10

const valueText = (value: number | boolean): string =>
  String(typeof value === 'number' ? Number(value.toPrecision(6)) : value)

/** The swept values of each agent and their returns, best first. */
function sweptTable({ agents, numAgents }: TrainSummary): string[] {
  const keys = Object.keys(agents?.[0].swept ?? {})
  if (!agents || keys.length === 0) return []
  const score = (value: number | null) => value ?? Number.NEGATIVE_INFINITY
  const ranked = agents
    .map((own, agent) => ({ ...own, agent }))
    .sort((a, b) => score(b.episodicReturn) - score(a.episodicReturn) || a.agent - b.agent)
    .slice(0, SHOWN)
  const rows = ranked.map(({ agent, swept, episodicReturn, solvedAt }) => [
    String(agent),
    ...keys.map((key) => valueText(swept![key])),
    count(episodicReturn, 1),
    count(solvedAt),
  ])
  const all = numAgents > SHOWN ? [`The best ${SHOWN} of ${count(numAgents)} agents; result.json has them all:`] : []
  return [...all, table([['agent', ...keys, 'return', 'solved at'], ...rows])]
}

/** `64 agents: best 498.2 (agent 12, seed 13, learningRate 0.0012), median ...`; empty for one agent. */
function populationText({ numAgents, population }: TrainSummary): string[] {
  if (!population) return []
  const { counted, diverged, best, median, iqm, iqmLow, iqmHigh } = population
  const of = counted === numAgents ? `${count(numAgents)} agents` : `${count(counted)} of ${count(numAgents)} agents`
  const lost = diverged > 0 ? ` ${count(diverged)} diverged.` : ''
  if (!best) return [`${of} finished 100 episodes.${lost}`]
  const swept = Object.entries(best.swept).filter(([key]) => key !== 'seed')
  const values = [`agent ${best.agent}`, `seed ${best.seed}`, ...swept.map(([key, value]) => `${key} ${value}`)]
  return [
    `${of}: best ${count(best.episodicReturn, 1)} (${values.join(', ')}), median ${count(median, 1)}, ` +
      `interquartile mean ${count(iqm, 1)} (95 % interval ${count(iqmLow, 1)} to ${count(iqmHigh, 1)}).${lost}`,
  ]
}

/** The best policies, with both of their scores. */
export function bestText({ best = [] }: Pick<TrainSummary, 'best'>): string[] {
  const found = best.flatMap((one, agent) => (one ? [{ ...one, agent }] : []))
  const shown = found.toSorted((a, b) => b.evalReturn - a.evalReturn).slice(0, SHOWN)
  return shown.map(({ agent, timesteps, evalReturn, freshReturn }) => {
    const fresh = freshReturn === null ? '' : `, ${count(freshReturn, 1)} in other episodes`
    const whose = best.length > 1 ? ` of agent ${agent}` : ''
    return `Best policy${whose}, at ${count(timesteps)} steps: ${count(evalReturn, 1)} in the evaluation that chose it${fresh}.`
  })
}

function evalCommand(out: string, numAgents: number, module: Setup['module']): string {
  const env = module ? ` --env ${quoted(moduleText(module))}` : ''
  return commandLine('eval', `${quoted(out)}${numAgents > 1 ? ' --agent best' : ''}${env}`)
}

function summaryText(summary: TrainSummary, { spec, module }: Setup): string {
  const { timesteps, episodes, episodicReturn, solvedAt, wallSeconds, sps, numAgents, out } = summary
  const solved = solvedAt === null ? 'not solved' : `solved at ${count(solvedAt)} steps`
  const goal = spec.rewardThreshold === null ? '' : ` (${solved}; the threshold is ${spec.rewardThreshold})`
  return [
    ...sweptTable(summary),
    ...populationText(summary),
    episodicReturn === null
      ? 'Fewer than 100 episodes ended.'
      : `Return ${count(episodicReturn, 1)} over the latest 100 episodes${goal}.`,
    ...bestText(summary),
    ...diagnosisText(summary.diagnosis, numAgents),
    `${count(timesteps)} steps, ${count(episodes)} episodes in ${wallSeconds.toFixed(1)} s of training: ${count(sps)} steps/s.`,
    spec.twin
      ? `The run is in ${out}. Evaluate ${numAgents > 1 ? 'its best agent' : 'it'} with: ${evalCommand(out, numAgents, module)}`
      : `The run is in ${out}. ${spec.id} has no twin, so eval, record and share cannot play it.`,
  ].join('\n')
}
