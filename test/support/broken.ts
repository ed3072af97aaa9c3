/** Environments with one error each: the drifting one of the kernel tests, with a piece replaced. */
import { expect } from 'vitest'
import type { EnvSpec, EnvTwin } from '../../src/env/contract'
import { checkSpec } from '../../src/envcheck/spec'
import { type DriftState, driftEnv } from '../kernels/envs'

export const driftTwin = driftEnv.twin as EnvTwin<DriftState>

/** It as it is. */
export const drift = { ...driftEnv, wgslFile: 'my/drift.wgsl' } as unknown as EnvSpec

/** The message of the error that checkSpec throws; it must be a ConfigError. */
export function refusal(spec: unknown): string {
  try {
    checkSpec(spec as EnvSpec)
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError' })
    return (error as Error).message
  }
  return 'no error'
}

/** The drifting environment with `piece` of its WGSL, which must be there, replaced. */
export function withWgsl(piece: string, replacement: string, more: Partial<EnvSpec> = {}): EnvSpec {
  if (!driftEnv.wgsl.includes(piece)) throw new Error(`the environment's WGSL has no ${JSON.stringify(piece)}`)
  const wgsl = driftEnv.wgsl.replace(piece, replacement)
  return { ...(driftEnv as unknown as EnvSpec), wgsl, wgslFile: 'my/drift.wgsl', ...more }
}

/** The drifting environment with parts of its twin replaced. */
export function withTwin(parts: Partial<EnvTwin<DriftState>>): EnvSpec {
  return { ...driftEnv, wgslFile: 'my/drift.wgsl', twin: { ...driftTwin, ...parts } } as unknown as EnvSpec
}

/** The line of the drifting environment's WGSL, from 1, that holds `piece`. */
export const lineOf = (piece: string, wgsl: string = driftEnv.wgsl): number =>
  wgsl.split('\n').findIndex((line) => line.includes(piece)) + 1
