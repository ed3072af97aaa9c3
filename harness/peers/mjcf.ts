/**
 * A planar robot as a model of MuJoCo, in its XML format: the same tree, masses, joints, capsules and motors, in space.
 * What MuJoCo computes from them when it compiles a model (inverse weights, mixed contacts) is then its own result.
 */
import type { PlanarBody, PlanarCapsule, PlanarJoint, PlanarModel, Vec2 } from '../../envs/planar/model'

/** Text of attributes. */
const attributes = (values: Record<string, string | number | readonly number[] | undefined>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === 'object' ? value.join(' ') : value}"`)
    .join('')

/** @param tolerance Of MuJoCo's solver; the tasks have 1e-8. */
export function mjcf(model: PlanarModel, tolerance = 1e-8): string {
  const { name, bodies, floor, actuators, joints, integrator, timestep, density, viscosity, gravity } = model
  // Robots with weight stand in the plane of x and z; the others lie in that of x and y.
  const upright = gravity.some((g) => g !== 0)
  const inSpace = ([x, y]: Vec2): number[] => (upright ? [x, 0, y] : [x, y, 0])
  const option = attributes({
    ...{
      timestep,
      integrator: integrator === 'euler' ? 'Euler' : 'RK4',
      gravity: inSpace(gravity),
      density,
      viscosity,
    },
    ...{ solver: 'Newton', cone: 'pyramidal', iterations: 100, tolerance },
  })
  const ground = floor && [
    `<geom type="plane" size="100 100 1"${attributes({ pos: inSpace([0, floor.height]) })}${surface(floor)} contype="1" conaffinity="1"/>`,
  ]
  const below = (body: number): string[] => bodies.flatMap((one, b) => (one.parent === body ? [nested(one, b)] : []))
  const nested = (body: PlanarBody, b: number): string =>
    [
      `<body${attributes({ name: body.name, pos: inSpace(body.position) })}>`,
      inertial(body, inSpace, upright),
      ...joints.flatMap((joint, j) => (joint.body === b ? [jointOf(joint, `joint${j}`, inSpace, upright)] : [])),
      ...model.capsules.flatMap((capsule, c) => (capsule.body === b ? [geom(model, capsule, c, inSpace)] : [])),
      ...model.sites.flatMap(({ body: at, position, ...site }) =>
        at === b ? [`<site${attributes({ name: site.name, pos: inSpace(position) })}/>`] : [],
      ),
      ...below(b),
      '</body>',
    ].join('\n')
  return [
    `<mujoco model="${name}">`,
    '<compiler angle="radian" autolimits="true" inertiafromgeom="false"/>',
    `<option${option}/>`,
    '<worldbody>',
    ...(ground ?? []),
    ...below(-1),
    '</worldbody>',
    '<actuator>',
    ...actuators.map(
      ({ joint, gear, range }) => `<motor${attributes({ joint: `joint${joint}`, gear, ctrlrange: range })}/>`,
    ),
    '</actuator>',
    '</mujoco>',
  ].join('\n')
}

/** Since MuJoCo 3.5.0 margins of two geoms are added; here the larger one counts, and they are equal. */
const surface = ({ friction, condim, solref, solimp, margin }: PlanarCapsule | NonNullable<PlanarModel['floor']>) =>
  attributes({ friction: [friction, 0.005, 0.0001], condim, solref, solimp, margin: margin / 2 })

function inertial(body: PlanarBody, inSpace: (p: Vec2) => number[], upright: boolean): string {
  const { mass, com, inertia, principal } = body
  const common = attributes({ pos: inSpace(com), mass })
  if (!principal) return `<inertial${common}${attributes({ diaginertia: [inertia, inertia, inertia] })}/>`
  if (upright) throw new Error(`mjcf: ${body.name} has principal moments, which are only written for robots that lie`)
  const { axis, along, across } = principal
  const [x, y] = axis
  const [xx, yy, xy] = [along * x * x + across * y * y, along * y * y + across * x * x, (along - across) * x * y]
  return `<inertial${common}${attributes({ fullinertia: [xx, yy, inertia, xy, 0, 0] })}/>`
}

function jointOf(joint: PlanarJoint, name: string, inSpace: (p: Vec2) => number[], upright: boolean): string {
  const { kind, ref, range, stiffness, springRef, damping, armature, solref, solimp, margin } = joint
  // About +y a positive angle turns x away from z.
  const place =
    joint.kind === 'hinge'
      ? { pos: inSpace(joint.anchor), axis: upright ? [0, -joint.sense, 0] : [0, 0, joint.sense] }
      : { axis: inSpace(joint.axis) }
  const limits = range ? { range, solreflimit: solref, solimplimit: solimp, margin } : {}
  const others = { ref, stiffness, springref: springRef, damping, armature }
  return `<joint${attributes({ name, type: kind, ...place, ...limits, ...others })}/>`
}

/** Without pairs of capsules the robot touches only the floor; with them MuJoCo leaves out bodies that share a joint. */
function geom(model: PlanarModel, capsule: PlanarCapsule, c: number, inSpace: (p: Vec2) => number[]): string {
  const { ends, radius } = capsule
  const [from, to] = ends.map(inSpace)
  const isSphere = from.every((x, i) => x === to[i])
  const shape = isSphere
    ? { type: 'sphere', pos: from, size: radius }
    : { type: 'capsule', fromto: [...from, ...to], size: radius }
  const touches = model.floorCapsules.includes(c) || model.pairs.some((pair) => pair.includes(c))
  const masks = { contype: Number(touches), conaffinity: Number(model.pairs.length > 0) }
  return `<geom${attributes({ ...shape, ...masks })}${surface(capsule)}/>`
}
