/** Loads a policy file as the start of a new run, or explains why it cannot. */
import { ConfigError } from '../config/config'
import { readSafetensors } from '../files/safetensors'
import { layoutNetwork, networkShape, packParams } from '../model/network'
import { loadPolicy } from '../policy/policyfile'
import { resolveChoice } from './choice'
import { messageOf } from './format'
import { env, given, notice, software, spec } from './state'
import { restart } from './store/runs'

/** Starts a new run with the weights of a policy file of this environment. */
export function loadPolicyFile(bytes: Uint8Array): void {
  try {
    const policy = loadPolicy(bytes)
    if (policy.env !== env.value) throw new ConfigError(`This policy is for ${policy.env}, not ${env.value}.`)
    const { actorHidden, criticHidden, activation, sharedTrunk = false } = policy.shape
    const next = { ...given.value, hidden: actorHidden, actorHidden: null, criticHidden, activation, sharedTrunk }
    const { normaliser } = policy
    const scaleActions = policy.actionScale !== null
    Object.assign(next, { normObs: Boolean(normaliser?.obs), normReward: Boolean(normaliser?.returns), scaleActions })
    const shape = networkShape(spec.value, resolveChoice(env.value, next, software.value).config)
    if (JSON.stringify(sorted(shape)) !== JSON.stringify(sorted(policy.shape)))
      throw new ConfigError('Its network has a shape that this page cannot train.')
    const layout = layoutNetwork(shape)
    const tensors = [...readSafetensors(bytes, 'policy').tensors]
    const weights = new Map(tensors.map(([name, { data }]) => [name, data as Float32Array]))
    given.value = next
    const params = packParams(layout, weights, new Float32Array(layout.paramStride))
    restart({ weights: { params, normaliser } })
    notice.value = { kind: 'info', text: 'A new run begins from the weights of the file.' }
  } catch (error) {
    notice.value = { kind: 'error', text: `The file was not used. ${messageOf(error)}` }
  }
}

const sorted = (shape: object) => Object.entries(shape).sort(([a], [b]) => (a < b ? -1 : 1))
