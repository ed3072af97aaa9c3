/** What the tests of grids share: small trainings, and the reference of the same. */
import { expect } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { AnyEnvSpec } from '../../src/env/contract'
import { createReferencePpo } from '../../src/reference/ppo'
import { expectClose } from '../support/kernel'
import { trainInPage } from '../support/train'

export const TIMEOUT = 600_000
const SIZES = { numEnvs: 5, numSteps: 16, numMinibatches: 4, updateEpochs: 2, seed: 3 }
export const BATCH = SIZES.numEnvs * SIZES.numSteps

export const configOf = (env: AnyEnvSpec, options: PpoOptions = {}, iterations = 2) =>
  resolveConfig(
    {},
    {
      ...SIZES,
      ...(options.network ? {} : { hidden: [8, 8] }),
      ...{ totalTimesteps: iterations * BATCH, learningRate: 1e-3, ...options },
    },
    env,
  )

export async function train(env: AnyEnvSpec, options: PpoOptions = {}, more: object = {}, iterations = 2) {
  const { twin: _, ...spec } = env
  return trainInPage({ env: env.id, spec, config: configOf(env, options, iterations), ...more })
}

/** Agent k of the reference after `iterations`, with its rows. */
export function reference(env: AnyEnvSpec, options: PpoOptions = {}, iterations = 2) {
  const ppo = createReferencePpo(env, configOf(env, options, iterations))
  const rows = Array.from({ length: iterations }, () => ppo.iterate())
  return { rows, params: ppo.agents.map((_, agent) => ppo.params(agent)) }
}

// 16 steps of Adam of at most 1e-3, whose direction is right to some 1e-3 where a gradient is near 0.
export const PARAMS = { atol: 1e-5 }

/** Both agents of a training have the rows and the weights of the reference. */
export function expectReference(got: Awaited<ReturnType<typeof train>>, want: ReturnType<typeof reference>): void {
  const size = got.params.length / got.rows.length
  for (const [agent, rows] of got.rows.entries()) {
    expectClose(
      `params of agent ${agent}`,
      got.params.subarray(agent * size, (agent + 1) * size),
      want.params[agent],
      PARAMS,
    )
    for (const [i, row] of rows.entries()) {
      const { status, episodes, updates } = want.rows[i][agent]
      expect(row).toMatchObject({ status, episodes, updates })
      for (const field of ['pgLoss', 'vLoss', 'entropy', 'approxKl'] as const) {
        expectClose(field, [row[field]], [want.rows[i][agent][field]], { atol: 2e-5, rtol: 2e-5 })
      }
    }
  }
}
