/** Loads a policy file: it plays, in its own environment, and trains when asked to. Or says why it cannot. */
import { ConfigError } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { networkOptions } from '../model/networkoptions'
import { type NetworkShape, networkShape } from '../model/networkshape'
import type { PpoOptions } from '../options/options'
import { type PolicyData, readPolicy } from '../policy/policyfile'
import { resolveChoice } from './choice'
import { environments } from './environments'
import { whyNotPolicy } from './filekind'
import { messageOf } from './format'
import { env, given, notice, playing, software } from './state'
import { setView } from './store/actions'
import { restart } from './store/runs'

/** Begins a run of the policy's environment with its weights, paused. */
export function loadPolicyFile(bytes: Uint8Array): void {
  try {
    const wrong = whyNotPolicy(bytes)
    if (wrong) throw new ConfigError(wrong)
    const policy = readPolicy(bytes)
    const spec = envOf(policy)
    const elsewhere = spec.id !== env.value
    const next: PpoOptions = { ...(elsewhere ? {} : given.value), ...optionsOf(policy) }
    const { config } = resolveChoice(spec.id, next, software.value)
    checkShape(spec, networkShape(spec, config), policy.shape)
    env.value = spec.id
    given.value = next
    playing.value = false
    if (elsewhere) setView({ focus: 0 })
    restart({ weights: { params: policy.params, normaliser: policy.normaliser } })
    const where = elsewhere ? `It is for ${spec.id}: the page has switched to that environment. ` : ''
    notice.value = { kind: 'info', text: `${where}The policy of the file plays. “Learn” trains it further.` }
  } catch (error) {
    notice.value = { kind: 'error', text: `The file was not used. ${messageOf(error)}` }
  }
}

function envOf({ env: id }: PolicyData): EnvSpec {
  const spec = environments.value.find((one) => one.id === id)
  if (spec) return spec
  throw new ConfigError(
    `Its policy is for ${JSON.stringify(id)}, an environment that this page does not have: it plays the built-in ones.`,
  )
}

/** The options that make a run with this network. */
function optionsOf({ shape, normaliser, actionScale }: PolicyData): PpoOptions {
  return {
    ...networkOptions(shape),
    ...{ normObs: Boolean(normaliser?.obs), normReward: Boolean(normaliser?.returns) },
    scaleActions: actionScale !== null,
  }
}

function checkShape(spec: EnvSpec, here: NetworkShape, there: NetworkShape): void {
  for (const [name, what] of [
    ['obsDim', 'observations'],
    ['actionDim', 'outputs'],
  ] as const) {
    if (here[name] !== there[name])
      throw new ConfigError(`Its network has ${there[name]} ${what}, and ${spec.id} has ${here[name]}.`)
  }
  if (text(here) !== text(there)) throw new ConfigError('Its network has a shape that this page cannot train.')
}

/** Fields in order; a trunk that is not shared may be left out. */
const text = ({ sharedTrunk = false, ...shape }: NetworkShape): string =>
  JSON.stringify(Object.entries({ sharedTrunk, ...shape }).sort(([a], [b]) => (a < b ? -1 : 1)))
