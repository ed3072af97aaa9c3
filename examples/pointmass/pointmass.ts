import { type EnvTwin, uniform } from 'ppo-webgpu'

export type PointMassState = { x: number; y: number; x_dot: number; y_dot: number }

/** The same as the WGSL, in float64, with the fields of its EnvState in the same order. */
export const pointMassTwin: EnvTwin<PointMassState> = {
  reset(rng) {
    const x = 2 * uniform(rng) - 1
    const y = 2 * uniform(rng) - 1
    return { x, y, x_dot: 0, y_dot: 0 }
  },

  step(state, action) {
    state.x_dot += 0.1 * (action[0] - 0.5 * state.x_dot)
    state.y_dot += 0.1 * (action[1] - 0.5 * state.y_dot)
    state.x += 0.1 * state.x_dot
    state.y += 0.1 * state.y_dot
    const distance = Math.hypot(state.x, state.y)
    const speed = Math.hypot(state.x_dot, state.y_dot)
    return { reward: -0.1 - distance, terminated: distance < 0.1 && speed < 0.2 }
  },

  observe(state, obs, offset) {
    obs.set([state.x, state.y, state.x_dot, state.y_dot], offset)
  },
}
