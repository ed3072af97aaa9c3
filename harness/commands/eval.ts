/** `eval`: plays episodes of a trained policy, on the CPU. */
import { resolveParams } from '../../src/config/params'
import type { EnvSpec } from '../../src/env/contract'
import { largest, smallest } from '../../src/extremes'
import { agentParams } from '../../src/options/params'
import { makePolicy } from '../../src/policy/policy'
import type { Command, Given } from '../cli/args'
import { EXIT } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { checkOutput, replaceFlag, writeOutput } from '../cli/outfile'
import { count, makeOutput } from '../cli/output'
import { csvLine } from '../figures/csv'
import { average, deviation } from '../figures/summary'
import { choosePolicy } from '../policies/best'
import { originText, otherEnv, POLICY_ENV_FLAGS, playedEnv, readKnown } from '../policies/environment'
import { drawnActions, type Episode, EVAL_CAP, EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import { AGENT_FLAG, BEST_FLAG, givenPolicies, readAgent } from '../policies/policyfile'
import { PLAYED_ENV_SET_FLAG, readEnvParams } from '../setup/params'
import { readInteger } from '../setup/setup'
import { type EpisodeRow, EVAL_FIELDS, type EvalResult } from './fields/training'

export const evaluate: Command = {
  name: 'eval',
  summary: 'Evaluate a trained policy on the CPU, with deterministic actions by default.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    episodes: { value: 'N', help: 'Number of episodes, one in each of N environments; default 100.' },
    seed: { value: 'N', help: `Seed of the episodes; default ${EVAL_SEED}.` },
    agent: AGENT_FLAG,
    best: BEST_FLAG,
    ...POLICY_ENV_FLAGS,
    'env-set': PLAYED_ENV_SET_FLAG,
    stochastic: { help: 'Draw the actions from the policy, as training does; the same ones for the same --seed.' },
    out: { value: 'FILE', help: 'Also write one row for each episode to FILE, as CSV.' },
    force: replaceFlag('--out'),
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details:
    'RUN_OR_POLICY is the folder of a run, a policy file or a checkpoint. A deterministic action is the most probable one,\n' +
    'or the mean.',
  results: { eval: EVAL_FIELDS },
  run: runEval,
}

async function runEval(given: Given): Promise<number> {
  const episodes = readInteger(given, 'episodes', 100, 1, 2 ** 20)
  const seed = readInteger(given, 'seed', EVAL_SEED, 0, 0xffffffff)
  const output = makeOutput(given.has('json'))
  const out = given.text('out')
  if (out !== undefined) checkOutput('out', out, given.has('force'))
  const known = await readKnown(given)
  const chosen = choosePolicy(givenPolicies(given), readAgent(given), known, output.warn)
  const { policy, agent, numAgents } = chosen
  const spec = playedEnv(chosen, known)
  const warning = otherEnv(chosen, spec, known)
  if (warning) output.warn(warning)
  const deterministic = !given.has('stochastic')
  const act = deterministic ? undefined : drawnActions(policy, seed)
  const made = makePolicy(policy)
  const settings = resolveParams(readEnvParams(given, spec), 1, spec)
  const played = evaluatePolicy(spec, made, episodes, seed, act, agentParams(settings, 0))
  const returns = played.map((e) => e.return)
  const result: EvalResult = {
    env: spec.id,
    episodes,
    meanReturn: average(returns),
    stdReturn: deviation(returns),
    minReturn: smallest(returns),
    maxReturn: largest(returns),
    meanLength: average(played.map((e) => e.length)),
    capped: played.filter((e) => e.capped).length,
    seed,
    ...(spec.params ? { envParams: settings } : {}),
    deterministic,
    agent,
    numAgents,
    rows: played.map((episode, i) => rowOf(spec, episode, i)),
    environment: policy.environment && { ...policy.environment },
    origin: policy.origin && { ...policy.origin },
  }
  const written = out === undefined ? [] : [`Rows in ${writeOutput(out, csvOf(result.rows), given.has('force'))}`]
  const of = numAgents > 1 ? ` agent ${agent},` : ''
  const kind = deterministic ? '' : ' with drawn actions'
  const text =
    `${spec.id},${of} ${count(episodes)} episodes${kind}: return ${count(result.meanReturn, 1)} ` +
    `+- ${count(result.stdReturn, 1)} (from ${count(result.minReturn, 1)} to ${count(result.maxReturn, 1)}), ` +
    `length ${count(result.meanLength, 1)}.`
  const capped =
    result.capped === 0
      ? []
      : [
          `${count(result.capped)} of ${count(episodes)} episodes did not end in ${count(EVAL_CAP)} steps and were ended there.`,
        ]
  output.result(inOrder(EVAL_FIELDS, result), [text, ...capped, ...originText(policy), ...written].join('\n'))
  return EXIT.done
}

const rowOf = ({ params: described }: EnvSpec, episode: Episode, i: number): EpisodeRow => {
  const ended = episode.terminated ? 'terminated' : episode.capped ? 'capped' : 'truncated'
  const params = described ? { params: { ...episode.params } } : {}
  return { episode: i, return: episode.return, length: episode.length, ended, ...params }
}

/** A line for each episode, with a column for each parameter. */
function csvOf(rows: EpisodeRow[]): string {
  const names = Object.keys(rows[0].params ?? {})
  const header = ['episode', 'return', 'length', 'ended', ...names.map((name) => `params.${name}`)]
  const line = ({ params = {}, ...row }: EpisodeRow) =>
    csvLine([row.episode, row.return, row.length, row.ended, ...names.map((name) => params[name])])
  return [csvLine(header), ...rows.map(line)].join('')
}
