/** The policies of a run, as files in its folder. */
import { actionScale } from '../../src/model/actions'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { agentConfig } from '../../src/options/sweep'
import { policyFile } from '../../src/policy/policyfile'
import { packageVersion } from '../checkout/root.js'
import type { CurveRow } from '../figures/csv'
import { policyName } from '../policies/policyfile'
import type { TrainResult } from '../protocol/protocol'
import type { Session } from './session'

/** Agent 0's as policy.safetensors; with several agents also each as policy-<k>.safetensors. */
export function savePolicies(
  { params, normalisers }: TrainResult,
  rows: CurveRow[][],
  { setup: { spec, config }, machine: { adapter }, dir }: Session,
): Uint8Array[] {
  const shape = networkShape(spec, config)
  const stride = layoutNetwork(shape).paramStride
  return Array.from({ length: config.numAgents }, (_, k) => {
    const own = params.slice(k * stride, (k + 1) * stride)
    const last = rows[k].at(-1)
    const agent = agentConfig(config, k)
    const origin = {
      ...{ library: packageVersion(), adapter, seed: agent.seed, steps: last?.timesteps ?? 0 },
      ...{ score: last?.episodicReturn ?? null, config: agent },
    }
    const file = policyFile(spec, shape, own, normalisers[k], actionScale(spec, config), origin)
    if (k === 0) dir.file('policy.safetensors', file)
    if (config.numAgents > 1) dir.file(`policy-${k}.safetensors`, file)
    return file
  })
}

/** As policy-best.safetensors; of agent k as policy-best-<k>.safetensors. */
export function saveBest({ best }: TrainResult, { dir }: Session): void {
  for (const [k, policy] of best.entries()) if (policy) dir.file(policyName('policy-best', k), policy.file)
}
