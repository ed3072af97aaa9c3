import { type EnvTwin, uniform } from 'ppo-webgpu'

export type NewEnvState = { x: number; goal: number }

/** The same as the WGSL, in float64, with the fields of its EnvState in the same order. */
export const newEnvTwin: EnvTwin<NewEnvState> = {
  reset(rng) {
    const x = 2 * uniform(rng) - 1
    const goal = 2 * uniform(rng) - 1
    return { x, goal }
  },

  step(state, action) {
    state.x = Math.min(Math.max(state.x + 0.1 * action[0], -1), 1)
    const distance = Math.abs(state.x - state.goal)
    return { reward: -distance, terminated: distance < 0.06 }
  },

  observe(state, obs, offset) {
    obs.set([state.x, state.goal], offset)
  },
}
