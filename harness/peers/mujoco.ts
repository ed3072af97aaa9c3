/** Measures MuJoCo itself, the WASM build of its authors, on the tasks of planar robots: one environment, in this process. */
import { halfCheetah } from '../../envs/half_cheetah/half_cheetah'
import { hopper } from '../../envs/hopper/hopper'
import { invertedDoublePendulum } from '../../envs/inverted_double_pendulum/inverted_double_pendulum'
import { invertedPendulum } from '../../envs/inverted_pendulum/inverted_pendulum'
import { type PlanarState, stateAt } from '../../envs/planar/state'
import type { PlanarTask } from '../../envs/planar/task'
import { reacher } from '../../envs/reacher/reacher'
import { swimmer } from '../../envs/swimmer/swimmer'
import { walker2d } from '../../envs/walker2d/walker2d'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM, uniform } from '../../src/env/rng'
import { mjcf } from './mjcf'

const both = (task: (version: 4 | 5) => PlanarTask): PlanarTask[] => [task(5), task(4)]
const TASKS: readonly PlanarTask[] = [
  ...[halfCheetah, swimmer],
  ...[hopper, walker2d, reacher, invertedPendulum, invertedDoublePendulum].flatMap(both),
]
const STEPS = 256

export interface MujocoSteps {
  version: string
  seconds: number[]
  /** How many times `numSteps` steps each of `seconds` took. */
  units: number
  numSteps: number
}

export const isMujocoTask = (id: string): boolean => TASKS.some((task) => task.id === id)

/**
 * Steps of the task `id` with random actions: its physics in MuJoCo, observation, reward and end as in the twin.
 * @throws Error where `@mujoco/mujoco` is not installed.
 */
export async function stepMujoco(id: string, repeats: number, repeatSeconds: number): Promise<MujocoSteps> {
  const task = TASKS.find((one) => one.id === id)!
  const { model } = task
  const load = (await import('@mujoco/mujoco')).default
  const mujoco = await load()
  const compiled = mujoco.MjModel.from_xml_string(mjcf(model))!
  const data = new mujoco.MjData(compiled)
  const params = defaultParams(task)
  const rng = makeRng(1, 0, STREAM.ENV_STEP, 0)
  const actions = Array.from({ length: STEPS }, () =>
    model.actuators.map(({ range: [low, high] }) => low + (high - low) * uniform(rng)),
  )
  let episode = 0
  const reset = (): void => {
    const { qpos, qvel } = task.start(makeRng(1, episode++, STREAM.ENV_RESET, 0))
    mujoco.mj_resetData(compiled, data)
    data.qpos.set(qpos)
    data.qvel.set(qvel)
  }
  const height = model.gravity.some((g) => g !== 0) ? 2 : 1
  const state = (): PlanarState => ({
    ...stateAt(model, [...data.qpos], [...data.qvel]),
    sites: model.sites.flatMap((_, s) => [data.site_xpos[3 * s], data.site_xpos[3 * s + height]]),
    constraint_force: [...data.qfrc_constraint],
  })
  const unit = (): void => {
    let before = state()
    for (const action of actions) {
      data.ctrl.set(action)
      for (let i = 0; i < model.frameSkip; i++) mujoco.mj_step(compiled, data)
      const after = state()
      task.observe(after)
      const { terminated } = task.outcome({ before, after, action, params })
      if (terminated) reset()
      before = terminated ? state() : after
    }
  }
  const timed = (units: number): number => {
    const start = performance.now()
    for (let i = 0; i < units; i++) unit()
    return (performance.now() - start) / 1000
  }
  try {
    reset()
    timed(1)
    const units = Math.max(1, Math.round(repeatSeconds / timed(1)))
    const seconds = Array.from({ length: repeats }, () => timed(units))
    return { version: mujoco.mj_versionString(), seconds, units, numSteps: STEPS }
  } finally {
    data.delete()
    compiled.delete()
  }
}
