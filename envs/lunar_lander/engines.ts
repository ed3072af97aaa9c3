/**
 * The engines of the lander: impulses at slightly random positions. Float64, as in Gymnasium, until they are passed to
 * Box2D.
 */
import { add, cross, f, poseAt, scale, sub, type Vec2 } from './box2d/math'
import { SHAPES } from './box2d/shapes'
import type { Body } from './box2d/state'
import type { Draws } from './draws'

const SCALE = 30
const MAIN_ENGINE_POWER = 13
const SIDE_ENGINE_POWER = 0.6
const MAIN_ENGINE_Y_LOCATION = 4
const SIDE_ENGINE_AWAY = 12
const SIDE_ENGINE_HEIGHT = 14
/** As in the original, which places the side engines by half the lander's width. */
const SIDE_ENGINE_X = 17

/** Where the body's origin is. */
export const originOf = ({ position, angle }: Body): Vec2 => poseAt(position, angle, SHAPES[0].centre).p

/** Box2D's ApplyLinearImpulse on the lander: `impulse` and `point` become float32 here. */
function push(lander: Body, impulse: Vec2, point: Vec2): void {
  const { invMass, invInertia } = SHAPES[0]
  const p: Vec2 = [f(impulse[0]), f(impulse[1])]
  const arm = sub([f(point[0]), f(point[1])], lander.position)
  lander.velocity = add(lander.velocity, scale(invMass, p))
  lander.angular_velocity = f(lander.angular_velocity + f(invInertia * cross(arm, p)))
}

const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

/**
 * Fires the engines of `action`. Returns the power of the main engine and of the side engines, 0 to 1, and
 * the direction of those: -1 left, 1 right, 0 none.
 */
export function engines(
  continuous: boolean,
  lander: Body,
  action: ArrayLike<number>,
  draws: Draws,
): { main: number; side: number; direction: number } {
  const [throttle, sideways] = continuous ? [clip(action[0], -1, 1), clip(action[1], -1, 1)] : [0, 0]
  const tip = [Math.sin(lander.angle), Math.cos(lander.angle)]
  const across = [-tip[1], tip[0]]
  const dispersion = [draws.uniform(-1, 1) / SCALE, draws.uniform(-1, 1) / SCALE]

  let main = 0
  if (continuous ? throttle > 0 : action[0] === 2) {
    main = continuous ? (clip(throttle, 0, 1) + 1) * 0.5 : 1
    const down = MAIN_ENGINE_Y_LOCATION / SCALE + 2 * dispersion[0]
    const ox = tip[0] * down + across[0] * dispersion[1]
    const oy = -tip[1] * down - across[1] * dispersion[1]
    const [x, y] = originOf(lander)
    push(lander, [-ox * MAIN_ENGINE_POWER * main, -oy * MAIN_ENGINE_POWER * main], [x + ox, y + oy])
  }

  let side = 0
  let direction = 0
  if (continuous ? Math.abs(sideways) > 0.5 : action[0] === 1 || action[0] === 3) {
    direction = continuous ? Math.sign(sideways) : action[0] - 2
    side = continuous ? clip(Math.abs(sideways), 0.5, 1) : 1
    const away = 3 * dispersion[1] + (direction * SIDE_ENGINE_AWAY) / SCALE
    const ox = tip[0] * dispersion[0] + across[0] * away
    const oy = -tip[1] * dispersion[0] - across[1] * away
    const [x, y] = originOf(lander)
    const point: Vec2 = [x + ox - (tip[0] * SIDE_ENGINE_X) / SCALE, y + oy + (tip[1] * SIDE_ENGINE_HEIGHT) / SCALE]
    push(lander, [-ox * SIDE_ENGINE_POWER * side, -oy * SIDE_ENGINE_POWER * side], point)
  }
  return { main, side, direction }
}
