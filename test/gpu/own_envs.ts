/** The environments of this repository are what they say. */
import { expect, test } from 'vitest'
import { makeLunarLanderTwin } from '../../envs/lunar_lander/lunar_lander'
import type { EnvSpec } from '../../src/env/contract'
import { makeRng, STREAM } from '../../src/env/rng'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import type { RunKernel } from '../../src/gpu/once'
import { gpu } from '../support/gpu'

export const onPage: RunKernel = async (run) => (await gpu()).call('runKernel', run)

/** LunarLanders after 50 steps and more of falling, from different initial states. */
const fallen = Array.from({ length: 8 }, (_, env) => {
  const twin = makeLunarLanderTwin(false)
  const state = twin.reset(makeRng(1, 0, STREAM.ENV_RESET, env))
  for (let t = 0; t < 50 + 2 * env; t++) {
    if (twin.step(state, [0], makeRng(1, t, STREAM.ENV_STEP, env)).terminated) break
  }
  return state
})

/** States near an end of the task, which random actions do not reach. */
const NEAR_AN_END: Record<string, object[]> = {
  'MountainCar-v0': [0.44, 0.48, 0.49, 0.499].map((position) => ({ position, velocity: 0.03 })),
  'MountainCarContinuous-v0': [0.42, 0.43, 0.44].map((position) => ({ position, velocity: 0.03 })),
  'Acrobot-v1': [2, 2.2, 2.4, 3].map((theta1) => ({ theta1, theta2: 0.1, theta1_dot: 1, theta2_dot: 0.5 })),
  'LunarLander-v3': fallen,
  'LunarLanderContinuous-v3': fallen,
}

/** Checked in checkenv.slow.test.ts: twins that take long, and what hardly differs from an environment that is checked. */
export const isSlow = (id: string): boolean =>
  /^(LunarLander|Walker2d-|(Hopper|Reacher|Inverted.*)-v4|MinAtar\/.*-v1|BrickBreaker)/.test(id)

/** Tasks that only their time limit ends, or that last longer than a test. */
const NEVER_END = /^(Pendulum|Reacher|Swimmer|HalfCheetah|MinAtar\/Freeway|BrickBreaker)-/

/** Whether the states of an environment are whole numbers, which kernel and twin compute exactly. */
const isWhole = (spec: EnvSpec): boolean =>
  Object.values(spec.twin!.reset(makeRng(1, 0, STREAM.ENV_RESET, 0)))
    .flat()
    .every(Number.isInteger)

export function testEnvs(envs: readonly EnvSpec[]): void {
  test.each(envs.map((spec) => [spec.id, spec] as const))('%s is what it says', async (id, spec) => {
    const report = await checkEnvOn(onPage, spec, { numEnvs: 65, steps: 60, from: NEAR_AN_END[id] })
    expect(report.problems, envReportText(report)).toEqual([])
    expect(report.ok).toBe(true)
    if (NEVER_END.test(id)) expect(report.terminated).toBe(0)
    else expect(report.terminated).toBeGreaterThan(0)
    if (isWhole(spec)) expect(report.maxError!.state).toBe(0)
    else expect(report.maxError!.state).toBeGreaterThan(0)
  })
}
