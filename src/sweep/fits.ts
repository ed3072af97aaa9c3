/** How many agents of a configuration are best trained at once on an adapter. */
import type { EnvSpec } from '../env/contract'
import { networkShape } from '../model/network'
import type { PpoConfig } from '../options/options'
import type { Adapter } from '../plan/adapterclass'
import { isWithin } from '../run/limits'

/** Environments that fill a GPU: more make it hardly faster. docs/performance.md. */
const FILLS_GPU = 2 ** 17
/**
 * Agents for each core of a software adapter: more make it slower. Measured for CartPole's preset on SwiftShader, 2
 * cores beside other work, on 2026-11-27: 16,000 steps/s with 1 or 2 agents, 12,000 with 4 or 8, 10,700 with 16 or 32.
 */
const PER_CORE = 1
/** Bytes of GPU memory that a population may take; WebGPU does not say how much there is. */
const MOST_BYTES = { hardware: 2 ** 32, software: 2 ** 30 }

/**
 * As many as fill the adapter and stay within its limits; 0 if not even one does.
 * @param cores Of the CPU: what a software adapter computes on.
 */
export function agentsThatFit(adapter: Adapter, spec: EnvSpec, config: PpoConfig, cores: number): number {
  const shape = networkShape(spec, config)
  const bytes = MOST_BYTES[adapter.software ? 'software' : 'hardware']
  const fits = (numAgents: number): boolean =>
    isWithin(adapter, { spec, shape, config: { ...config, numAgents }, iterationsPerSubmit: 'auto' }, bytes)
  const wanted = adapter.software ? PER_CORE * cores : Math.ceil(FILLS_GPU / config.numEnvs)
  if (fits(wanted)) return wanted
  // The largest that fits: `low` does, `high` does not.
  let [low, high] = [0, wanted]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}
