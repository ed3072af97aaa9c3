/** The film in a shared folder: the first episode that `eval` plays. */
import type { EnvSpec } from '../../src/env/contract'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'
import type { PolicyData } from '../../src/policy/policyfile'
import { moduleOf } from '../../src/wgsl/module'
import type { Given } from '../cli/args'
import { HarnessError } from '../cli/errors'
import { recordEpisodes } from '../record/record'
import { openRuntime } from '../runtime/open'
import { readRuntime } from '../setup/setup'

/** Longer episodes are cut: the Hub shows the film on the card. */
const MOST_STEPS = 1000

/** Null for an environment that draws nothing. */
export async function replayFilm(given: Given, spec: EnvSpec, policy: PolicyData): Promise<Uint8Array | null> {
  if (!moduleOf(link('env', SHADERS, envSlots(spec)).code).named.has('env_shape')) return null
  try {
    const runtime = await openRuntime(readRuntime(given))
    try {
      return (await recordEpisodes(spec, policy, runtime, { format: 'mp4', maxSteps: MOST_STEPS })).bytes
    } finally {
      await runtime.close()
    }
  } catch (error) {
    if (error instanceof HarnessError) error.message += ' For a folder without a film: --no-film.'
    throw error
  }
}
