/** Golden GAE: several shapes of rollouts, each with its advantages and returns. */

import type { SafetensorsFile } from '../../src/files/safetensors'
import { type GaeInputs, gae } from '../../src/reference/gae'
import type { Runtime } from '../runtime/runtime'
import { type Check, check, type Limit } from './check'

interface GaeCase {
  /** `128x65`: steps x environments. */
  name: string
  inputs: GaeInputs
  nextValue: Float64Array
  advantages: Float64Array
  returns: Float64Array
}
export type GaeGolden = GaeCase[]

const FIELDS = [
  'rewards',
  'values',
  'final_values',
  'terminated',
  'truncated',
  'next_value',
  'gamma_lambda',
  'advantages',
  'returns',
]

const REFERENCE: Limit = { limit: 1e-9, measure: 'rel' }
/** f32 sums over up to numSteps terms of decaying weight. */
const GPU: Limit = { limit: 1e-5, measure: 'rel' }

/** @throws for a missing or unknown tensor, or one of another size. */
export function readGaeGolden({ tensors }: SafetensorsFile): GaeGolden {
  for (const name of tensors.keys()) {
    if (!FIELDS.includes(name.split('/')[1])) throw new Error(`${name}: this tensor is not known`)
  }
  return [...new Set([...tensors.keys()].map((name) => name.split('/')[0]))].map((name) => {
    const [numSteps, numEnvs] = name.split('x').map(Number)
    const tensor = (field: string, length: number): Float64Array => {
      const found = tensors.get(`${name}/${field}`)
      if (!found) throw new Error(`${name}/${field}: the file has no such tensor`)
      if (found.data.length !== length)
        throw new Error(`${name}/${field}: ${found.data.length} numbers, expected ${length}`)
      return Float64Array.from(found.data as ArrayLike<number>)
    }
    const grid = (field: string) => tensor(field, numSteps * numEnvs)
    const nextValue = tensor('next_value', numEnvs)
    const [gamma, gaeLambda] = tensor('gamma_lambda', 2)
    const inputs: GaeInputs = {
      numSteps,
      numEnvs,
      gamma,
      gaeLambda,
      bootstrapTruncated: true,
      rewards: grid('rewards'),
      values: Float64Array.from([...grid('values'), ...nextValue]),
      finalValues: grid('final_values'),
      terminated: grid('terminated'),
      truncated: grid('truncated'),
    }
    return { name, inputs, nextValue, advantages: grid('advantages'), returns: grid('returns') }
  })
}

export function verifyGaeReference(golden: GaeGolden): Check[] {
  return golden.flatMap(({ name, inputs, advantages, returns }) => {
    const result = { advantages: new Float64Array(advantages.length), returns: new Float64Array(returns.length) }
    gae(inputs, result.advantages, result.returns)
    return [
      check(`${name}/advantages`, 'reference', result.advantages, advantages, REFERENCE),
      check(`${name}/returns`, 'reference', result.returns, returns, REFERENCE),
    ]
  })
}

export async function verifyGaeGpu(golden: GaeGolden, runtime: Runtime): Promise<Check[]> {
  const checks: Check[] = []
  for (const { name, inputs, nextValue, advantages, returns } of golden) {
    const { numSteps, numEnvs, gamma, gaeLambda } = inputs
    const result = await runtime.call('gae', {
      numSteps,
      numEnvs,
      gamma,
      gaeLambda,
      rewards: Float32Array.from(inputs.rewards),
      values: Float32Array.from(inputs.values.subarray(0, numSteps * numEnvs)),
      finalValues: Float32Array.from(inputs.finalValues),
      nextValue: Float32Array.from(nextValue),
      terminated: Uint32Array.from(inputs.terminated),
      truncated: Uint32Array.from(inputs.truncated),
    })
    checks.push(check(`${name}/advantages`, 'gpu', result.advantages, advantages, GPU))
    checks.push(check(`${name}/returns`, 'gpu', result.returns, returns, GPU))
  }
  return checks
}
