/** `eval`: plays episodes of a trained policy, on the CPU. */
import { resolveParams } from '../../src/config/params'
import { largest, smallest } from '../../src/extremes'
import { agentParams } from '../../src/options/params'
import { makePolicy } from '../../src/policy/policy'
import type { Command, Given } from '../cli/args'
import { EXIT } from '../cli/errors'
import { inOrder } from '../cli/fields'
import { count, makeOutput } from '../cli/output'
import { average, deviation } from '../figures/summary'
import { choosePolicy } from '../policies/best'
import { originText, otherEnv, POLICY_ENV_FLAGS, playedEnv, readKnown } from '../policies/environment'
import { drawnActions, EVAL_CAP, EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import { AGENT_FLAG, BEST_FLAG, givenPolicies, readAgent } from '../policies/policyfile'
import { ENV_SET_FLAG, readEnvParams } from '../setup/params'
import { readInteger } from '../setup/setup'
import { EVAL_FIELDS, type EvalResult } from './fields/training'

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
    'env-set': {
      ...ENV_SET_FLAG,
      help: 'A parameter of the environment: a value, or uniform(a,b), drawn for each episode.',
    },
    stochastic: { help: 'Draw the actions from the policy, as training does; the same ones for the same --seed.' },
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
    environment: policy.environment && { ...policy.environment },
    origin: policy.origin && { ...policy.origin },
  }
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
  output.result(inOrder(EVAL_FIELDS, result), [text, ...capped, ...originText(policy)].join('\n'))
  return EXIT.done
}
