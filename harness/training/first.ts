/** `train --policy`: a new run whose agents begin with the weights of a policy. */
import { ConfigError } from '../../src/config/config'
import { policyFile } from '../../src/policy/policyfile'
import { configFrom } from '../../src/run/load'
import type { Flag, Given } from '../cli/args'
import { openPolicies } from '../policies/policyfile'
import { chooseEnv } from '../setup/environment'
import { readOptions } from '../setup/options'
import type { Setup } from '../setup/setup'

export const POLICY_FLAG: Flag = {
  value: 'RUN_OR_POLICY',
  help: 'Begin with these weights and statistics, in a new run; network, normalisation and scaling are those of the policy.',
}

/**
 * The setup of a run that begins with the policy of `--policy`; of a run of several agents, with the first of them.
 * @throws UsageError, ConfigError if it does not fit the environment, or the options that are given.
 */
export async function readPolicySetup(given: Given): Promise<Setup> {
  const from = given.text('policy')!
  const { policy: data } = openPolicies(from).read(0)
  const { spec, module } = await chooseEnv('--env', given.text('env') ?? data.env)
  const preset = given.text('preset') ?? 'default'
  const config = named(from, () => configFrom(data, spec, preset, readOptions(given, spec)))
  const { env, shape, params, normaliser, actionScale } = data
  const bytes = policyFile(env, shape, params, normaliser, actionScale)
  return { spec, module, preset, config, policy: { from, data, bytes } }
}

/** A ConfigError of `make` about the policy says which file it is. */
function named<T>(from: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.message.startsWith('policy: ')) throw error
    throw new ConfigError(error.message.replace(/^policy/, () => from))
  }
}
