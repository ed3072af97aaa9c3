/** A planar robot as its author describes it; `compilePlanar` makes a model of it. Units and axes: envs/planar/model.ts. */
import type { Solimp, Solref, Surface, Vec2 } from './model'

/** What slides and hinges have in common. */
export interface JointDescription {
  name: string
  /** Its position in the pose in which the bodies are described. Default 0. */
  ref?: number
  /** Lowest and highest position. Default: no limits. */
  range?: Vec2
  /** Of a spring, its rest position, a damper, and the motor's rotor. Default 0; the spring rests at `ref`. */
  stiffness?: number
  springRef?: number
  damping?: number
  armature?: number
  /** Of the limits. Default: MuJoCo's. */
  solref?: Solref
  solimp?: Solimp
  margin?: number
}

export interface SlideDescription extends JointDescription {
  kind: 'slide'
  /** Unit vector in the body's frame. */
  axis: Vec2
}

export interface HingeDescription extends JointDescription {
  kind: 'hinge'
  /** In the body's frame. Default [0, 0]. */
  anchor?: Vec2
  /** 1, the default: a positive angle turns counter-clockwise; -1: clockwise. */
  sense?: 1 | -1
}

export interface CapsuleDescription extends Partial<Surface> {
  /** Default: the body's name. */
  name?: string
  /** Ends of its segment in the body's frame; equal for a sphere. */
  ends: readonly [Vec2, Vec2]
  radius: number
  /** kg/m^3. Default 1000. */
  density?: number
}

export interface BodyDescription {
  name: string
  /** The body it hangs on, described before it. Default: the world. */
  parent?: string
  /** Its origin in the parent's frame. */
  position: Vec2
  joints: readonly (SlideDescription | HingeDescription)[]
  /** What it is made of; overlaps count twice. */
  capsules: readonly CapsuleDescription[]
}

export interface RobotDescription {
  name: string
  bodies: readonly BodyDescription[]
  /** Force or torque `gear` for an action of 1; actions are clamped to `range`, default [-1, 1]. */
  actuators: readonly { joint: string; gear: number; range?: Vec2; name?: string }[]
  /** A horizontal line that capsules touch, at `height`, default 0. Default: none. */
  floor?: Partial<Surface> & { height?: number }
  /** What capsules do not say of themselves. */
  surface?: Partial<Surface>
  /** Whether bodies touch each other; a body never touches its parent. Default false. */
  selfCollisions?: boolean
  /** kg, of all bodies together: their masses are scaled to it. */
  totalMass?: number
  sites?: readonly { name: string; body: string; position: Vec2 }[]
  keepsConstraintForce?: boolean
  timestep: number
  frameSkip: number
  integrator: 'euler' | 'rk4'
  /** Default [0, -9.81]. */
  gravity?: Vec2
  /** Default: none. */
  fluid?: { density: number; viscosity: number }
}
