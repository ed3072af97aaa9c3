import type { ParamValues } from '../../src/env/params'
import type { PlanarModel } from './model'

/** Which parameters change the physics: factors of gravity, of friction, of masses and moments of inertia. */
const FACTORS = ['gravity', 'friction', 'mass'] as const

/**
 * The model with the factors among `params`. All other compiled constants stay, `invweight` too: as in MuJoCo when masses
 * are changed in a compiled model.
 */
export function scaled(model: PlanarModel, params: ParamValues): PlanarModel {
  const [gravity, friction, mass] = FACTORS.map((name) => Number(params[name] ?? 1))
  if (gravity === 1 && friction === 1 && mass === 1) return model
  return {
    ...model,
    gravity: [model.gravity[0] * gravity, model.gravity[1] * gravity],
    floor: model.floor && { ...model.floor, friction: model.floor.friction * friction },
    capsules: model.capsules.map((capsule) => ({ ...capsule, friction: capsule.friction * friction })),
    bodies: model.bodies.map((body) => ({
      ...body,
      mass: body.mass * mass,
      inertia: body.inertia * mass,
      ...(body.principal && {
        principal: {
          ...body.principal,
          along: body.principal.along * mass,
          across: body.principal.across * mass,
        },
      }),
    })),
  }
}
