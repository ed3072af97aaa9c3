/** Box2D 2.3.0's settings (b2Settings.h), in float32. The WGSL has the same in settings.wgsl. */
import { f } from './math'

export const PI = f(Math.PI)
export const LINEAR_SLOP = f(0.005)
export const ANGULAR_SLOP = f(f(2 / 180) * PI)
/** The skin of polygons and edges. */
export const RADIUS = f(2 * LINEAR_SLOP)
/** Margin of a stored box, and by how many displacements it extends ahead. */
export const AABB_EXTENSION = f(0.1)
export const AABB_MULTIPLIER = 2
export const BAUMGARTE = f(0.2)
export const TOI_BAUMGARTE = f(0.75)
export const MAX_LINEAR_CORRECTION = f(0.2)
export const MAX_ANGULAR_CORRECTION = f(f(8 / 180) * PI)
export const MAX_TRANSLATION = 2
export const MAX_TRANSLATION_SQUARED = 4
export const MAX_ROTATION = f(0.5 * PI)
export const MAX_ROTATION_SQUARED = f(MAX_ROTATION * MAX_ROTATION)
export const TIME_TO_SLEEP = 0.5
export const LINEAR_SLEEP_SQUARED = f(f(0.01) * f(0.01))
export const ANGULAR_SLEEP_SQUARED = f(ANGULAR_SLOP * ANGULAR_SLOP)
/** Times of impact of one contact in one step. */
export const MAX_SUB_STEPS = 8
/** Largest condition number for the block solver of two points; above it one point is used. */
export const MAX_CONDITION = 1000

/** LunarLander: seconds per step, and its iterations. */
export const DT = f(1 / 50)
export const VELOCITY_ITERATIONS = 180
export const POSITION_ITERATIONS = 60
export const TOI_POSITION_ITERATIONS = 20
