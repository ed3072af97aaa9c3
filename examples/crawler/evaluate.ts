import { obsDim, type Policy, type Rng } from 'ppo-webgpu'
import { crawler } from './spec'

const EPISODES = 20

/** Mean return of a policy's deterministic actions over episodes of the twin, whose starts training did not have. */
export function meanReturn(policy: Policy): number {
  const { twin, maxEpisodeSteps } = crawler
  const obs = new Float64Array(obsDim(crawler))
  let sum = 0
  for (let env = 0; env < EPISODES; env++) {
    const rng: Rng = { seed: 1_000_000, step: 0, stream: 2, env, draw: 0 }
    const state = twin!.reset(rng)
    for (let step = 0; step < maxEpisodeSteps!; step++) {
      twin!.observe(state, obs, 0)
      const action = policy.act(obs).map((a) => Math.max(-1, Math.min(1, a)))
      sum += twin!.step(state, action, rng).reward
    }
  }
  return sum / EPISODES
}
