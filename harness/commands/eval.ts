/** `eval`: deterministic episodes of a trained policy, on the CPU. */
import { findEnv } from '../../envs/registry'
import { makePolicy } from '../../src/policy'
import type { Command } from '../args'
import { EXIT } from '../errors'
import { EVAL_SEED, evaluatePolicy } from '../evaluate'
import { count, makeOutput } from '../output'
import { checkFit, readPolicyFile } from '../policyfile'
import { readInteger } from '../setup'
import { average, deviation } from '../summary'

export const evaluate: Command = {
  name: 'eval',
  summary: 'Evaluate a trained policy with deterministic actions, on the CPU.',
  positionals: { usage: 'RUN_OR_POLICY', min: 1, max: 1 },
  flags: {
    episodes: { value: 'N', help: 'Episodes, one in each of N environments; 100 unless given.' },
    seed: { value: 'N', help: `Seed of the episodes; ${EVAL_SEED} unless given.` },
    json: { help: 'Print the result as one line of JSON, the last of stdout.' },
  },
  details: 'RUN_OR_POLICY is the folder of a run (its policy.safetensors is taken), a policy file or a checkpoint.',
  async run(given) {
    const episodes = readInteger(given, 'episodes', 100, 1, 2 ** 20)
    const seed = readInteger(given, 'seed', EVAL_SEED, 0, 0xffffffff)
    const found = readPolicyFile(given.positionals[0])
    const spec = findEnv(found.policy.env)
    checkFit(found, spec)
    const { shape, params, normaliser, actionScale } = found.policy
    const results = evaluatePolicy(spec, makePolicy(spec.id, shape, params, normaliser, actionScale), episodes, seed)
    const returns = results.map((e) => e.return)
    const mean = average(returns)
    const result = {
      env: spec.id,
      episodes,
      meanReturn: mean,
      stdReturn: deviation(returns),
      minReturn: returns.reduce((a, b) => Math.min(a, b)),
      maxReturn: returns.reduce((a, b) => Math.max(a, b)),
      meanLength: average(results.map((e) => e.length)),
      seed,
    }
    const { minReturn, maxReturn, stdReturn } = result
    const text =
      `${spec.id}, ${count(episodes)} episodes: return ${count(mean, 1)} +- ${count(stdReturn, 1)} ` +
      `(from ${count(minReturn, 1)} to ${count(maxReturn, 1)}), length ${count(result.meanLength, 1)}.`
    makeOutput(given.has('json')).result(result, text)
    return EXIT.done
  },
}
