import type { PlanarModel } from './model'

/**
 * The state of a planar robot, with the fields of WGSL's `EnvState` in their order:
 *
 *     struct EnvState {
 *       qpos: array<f32, NV>,
 *       qvel: array<f32, NV>,
 *       warmstart: array<f32, NV>,
 *       sites: array<f32, 2 * NUM_SITES>,      if the model has sites
 *       constraint_force: array<f32, NV>,      if the model keeps it
 *     }
 */
export type PlanarState = {
  /** Positions and velocities of the joints. */
  qpos: number[]
  qvel: number[]
  /** Accelerations of the joints, from which the next step's solver starts: MuJoCo's qacc_warmstart. */
  warmstart: number[]
  /**
   * x and y of each site. After a step they are those of the last evaluation of the forces: with rk4 its fourth stage, with
   * euler the state before the last substep. MuJoCo does not compute them again, and Gymnasium reads them as they are.
   */
  sites?: number[]
  /** The constraints' forces on the joints, from the same evaluation. */
  constraint_force?: number[]
}

/** The state with these positions and velocities, all else 0. */
export const stateAt = (model: PlanarModel, qpos: readonly number[], qvel: readonly number[]): PlanarState => ({
  qpos: [...qpos],
  qvel: [...qvel],
  warmstart: model.joints.map(() => 0),
  ...(model.sites.length > 0 && { sites: model.sites.flatMap(() => [0, 0]) }),
  ...(model.keepsConstraintForce && { constraint_force: model.joints.map(() => 0) }),
})
