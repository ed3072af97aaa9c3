/** What the tests of going on share: runs in pieces, and runs that are solved at once. */
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { findEnv } from '../../envs/registry'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import type { MetricsRow } from '../../src/metrics'
import { differences, type Trained, trainInPage } from '../support/train'

export const ITERATIONS = 7
export const TIMEOUT = 600_000

export const small = (env: string, options: PpoOptions = {}): PpoConfig => {
  const sizes = { numEnvs: 6, numSteps: 16, numMinibatches: 2, updateEpochs: 2, hidden: [8, 8], seed: 5 }
  const config = { ...sizes, learningRate: 2e-3, ...options }
  return resolveConfig({}, { totalTimesteps: ITERATIONS * config.numEnvs * config.numSteps, ...config }, findEnv(env))
}

/** Trains to the end in pieces: up to each of `cuts` iterations, then from the checkpoint at that point. */
async function inPieces(env: string, config: PpoConfig, cuts: number[]): Promise<Trained> {
  const batch = config.numEnvs * config.numSteps
  let piece: Trained | undefined
  const rows: Trained['rows'] = Array.from({ length: config.numAgents }, () => [])
  for (const until of [...cuts, ITERATIONS]) {
    const from = piece?.checkpoint ?? undefined
    piece = await trainInPage({ env, config, from, untilTimesteps: until * batch })
    piece.rows.forEach((list, agent) => {
      rows[agent].push(...list)
    })
  }
  return { ...piece!, rows }
}

/** Environment, description, options, and the iterations after which the run stops and is resumed. */
export type PiecesCase = [env: string, special: string, options: PpoOptions, cuts: number[]]

export function testPieces(cases: PiecesCase[]): void {
  describe('stopping anywhere and going on gives the bits of a run that never stopped', { timeout: TIMEOUT }, () => {
    test.each(cases)('%s: %s', async (env, _, options, cuts) => {
      const config = small(env, options)
      const whole = await trainInPage({ env, config })
      const pieces = await inPieces(env, config, cuts)
      expect(differences(pieces.params, whole.params)).toEqual([])
      expect(pieces.rows).toEqual(whole.rows)
      expect(pieces.normalisers).toEqual(whole.normalisers)
      const [a, b] = [whole, pieces].map(({ checkpoint }) => readCheckpoint(checkpoint!))
      expect(b.snapshot).toEqual(a.snapshot)
      expect(whole.rows[0]).toHaveLength(ITERATIONS)
    })
  })
}

/** CartPole with a low threshold: an agent solves it when 100 episodes have ended, in different iterations. */
export const easy = (threshold: number): EnvSpec => ({ ...cartPole, twin: undefined, rewardThreshold: threshold })

export const sizes = { numEnvs: 32, numSteps: 16, numMinibatches: 2, updateEpochs: 1, hidden: [8], seed: 5 }
export const batch = sizes.numEnvs * sizes.numSteps
export const [SHORT, LONG] = [24 * batch, 30 * batch]
export const configured = (options: PpoOptions, spec: EnvSpec) =>
  resolveConfig({}, { ...sizes, learningRate: 5e-3, annealEntCoef: true, normObs: true, ...options }, spec)
export const statuses = (run: Trained) => run.rows.map((agent) => agent.at(-1)!.status)
/** Rows of a run that was never told to stop. */
export const unstopped = (rows: MetricsRow[]) => rows.map((row) => ({ ...row, status: 'running' }))
