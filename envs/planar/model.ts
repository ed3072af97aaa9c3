/**
 * A planar robot as plain numbers: a tree of bodies with slides and hinges, capsules that touch a floor and each other,
 * motors. The constants are those that MuJoCo compiles from a model (Todorov, Erez, Tassa 2012), in plane coordinates:
 * x to the right; y upwards, or on a horizontal plane away from the viewer; angles counter-clockwise.
 *
 * Bodies, joints, capsules and actuators are numbered from 0 in MuJoCo's order. The world is body -1. Units: m, kg, s, rad.
 */
export type Vec2 = readonly [x: number, y: number]

/** MuJoCo's solref: time constant, s, and damping ratio of a constraint's spring. */
export type Solref = readonly [timeconst: number, dampratio: number]

/** MuJoCo's solimp: the impedance goes from dmin to dmax over a violation of `width`, as a power with a midpoint. */
export type Solimp = readonly [dmin: number, dmax: number, width: number, midpoint: number, power: number]

export interface PlanarBody {
  name: string
  /** The body it hangs on, always an earlier one; -1: the world. */
  parent: number
  /** Its origin in the parent's frame, with all of its own joints at `ref`. */
  position: Vec2
  mass: number
  /** Centre of mass in the body's frame. */
  com: Vec2
  /** Moment of inertia about the plane's normal, at the centre of mass. */
  inertia: number
  /**
   * Principal moments of inertia of the other two axes: about `axis`, a unit vector of the body's frame, and across it.
   * Only a fluid needs them.
   */
  principal?: { axis: Vec2; along: number; across: number }
  /** MuJoCo's body_invweight0 for translation: the mean inverse mass of its centre at the reference pose. */
  invweight: number
}

interface Joint {
  name: string
  /** The body that it moves. A body's joints follow each other, in the order in which they move it. */
  body: number
  /** Its position at the reference pose: MuJoCo's qpos0. */
  ref: number
  /** Lowest and highest position; null: no limits. */
  range: Vec2 | null
  /** Of the spring that pulls it to `springRef`, N/m or N m/rad. */
  stiffness: number
  springRef: number
  /** N s/m or N m s/rad. */
  damping: number
  /** Inertia of the motor's rotor, added to the diagonal of the mass matrix. */
  armature: number
  /** Of the limits: their springs, and the distance from a limit at which it acts. */
  solref: Solref
  solimp: Solimp
  margin: number
  /** MuJoCo's dof_invweight0: the inverse inertia at the reference pose. */
  invweight: number
}

export interface SlideJoint extends Joint {
  kind: 'slide'
  /** Unit vector in the body's frame. */
  axis: Vec2
}

export interface HingeJoint extends Joint {
  kind: 'hinge'
  /** In the body's frame. */
  anchor: Vec2
  /** 1: a positive angle turns counter-clockwise; -1: clockwise. */
  sense: 1 | -1
}

export type PlanarJoint = SlideJoint | HingeJoint

/** How a surface touches others. */
export interface Surface {
  friction: number
  /** Of a contact: 1 without friction, 3 with friction, as a pyramid. A contact has the larger of its two surfaces'. */
  condim: 1 | 3
  solref: Solref
  solimp: Solimp
  /** Distance at which a contact acts; a contact has the larger of its two surfaces' (MuJoCo before 3.5.0). */
  margin: number
}

export interface PlanarCapsule extends Surface {
  name: string
  body: number
  /** Ends of its segment in the body's frame; equal for a sphere. */
  ends: readonly [Vec2, Vec2]
  radius: number
}

/** A horizontal line that holds up what is above it. */
export interface Floor extends Surface {
  height: number
}

/** A motor: force on a joint, `gear` times the control, which is clamped to the range. */
export interface PlanarActuator {
  name: string
  joint: number
  gear: number
  range: Vec2
}

/** A named point of a body. */
export interface PlanarSite {
  name: string
  body: number
  position: Vec2
}

export interface PlanarModel {
  name: string
  bodies: readonly PlanarBody[]
  /** In the order of qpos and qvel. */
  joints: readonly PlanarJoint[]
  /** Slides of a body on the world whose position changes no force: the robot may travel along them without end. */
  travel: readonly number[]
  capsules: readonly PlanarCapsule[]
  floor: Floor | null
  /** Capsules that can touch the floor. */
  floorCapsules: readonly number[]
  /** Capsules that can touch each other. */
  pairs: readonly (readonly [number, number])[]
  actuators: readonly PlanarActuator[]
  /** Points whose positions the state keeps as MuJoCo does: from the last time that forces were computed. */
  sites: readonly PlanarSite[]
  /** Whether the state keeps the constraints' forces on the joints, MuJoCo's qfrc_constraint, in the same way. */
  keepsConstraintForce: boolean
  /** Seconds of one step of the integrator, and how many of them are one step of the environment. */
  timestep: number
  frameSkip: number
  /** euler: semi-implicit, with implicit joint damping. rk4: the classical Runge-Kutta method. */
  integrator: 'euler' | 'rk4'
  /** m/s^2. */
  gravity: Vec2
  /** Of the fluid around the robot: kg/m^3 and Pa s; 0: none. */
  density: number
  viscosity: number
}

/** What MuJoCo takes for a contact between two surfaces with the same priority and mixing weights. */
export function mix(a: Surface, b: Surface): Surface {
  const mean = (x: readonly number[], y: readonly number[]): number[] => x.map((value, i) => (value + y[i]) / 2)
  return {
    friction: Math.max(a.friction, b.friction),
    condim: Math.max(a.condim, b.condim) as Surface['condim'],
    solref: mean(a.solref, b.solref) as unknown as Solref,
    solimp: mean(a.solimp, b.solimp) as unknown as Solimp,
    margin: Math.max(a.margin, b.margin),
  }
}

/** MuJoCo's defaults. */
export const SOLREF: Solref = [0.02, 1]
export const SOLIMP: Solimp = [0.9, 0.95, 0.001, 0.5, 2]

const JOINT = {
  ref: 0,
  range: null,
  stiffness: 0,
  springRef: 0,
  damping: 0,
  armature: 0,
  solref: SOLREF,
  solimp: SOLIMP,
  margin: 0,
} as const
export const SLIDE = { ...JOINT, kind: 'slide' } as const
export const HINGE = { ...JOINT, kind: 'hinge' } as const
export const SURFACE: Surface = { friction: 1, condim: 3, solref: SOLREF, solimp: SOLIMP, margin: 0 }

/** What most of the seven tasks have in common; a model names what it has otherwise. */
export const PLAIN = {
  travel: [],
  floor: null,
  floorCapsules: [],
  pairs: [],
  sites: [],
  keepsConstraintForce: false,
  integrator: 'rk4',
  gravity: [0, -9.81],
  density: 0,
  viscosity: 0,
} as const
