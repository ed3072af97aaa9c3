/** The picture of a planar robot: its capsules and joints as shapes in WGSL, made from its description. */
import type { Picture, WgslModule } from '../../src/env/contract'
import type { PlanarModel, Vec2 } from './model'
import source from './picture.wgsl?raw'

/** sRGB, `#rrggbb`. */
export type Colour = `#${string}`

/** A rectangle that is no capsule of the model, such as a rail; without `body` it stands still. */
export interface DrawnRectangle {
  body?: string
  centre: Vec2
  halfSize: Vec2
  angle?: number
  rounding?: number
  colour: Colour
}

export interface PlanarLook {
  /** Left, bottom, right, top, m; relative to what the camera follows. */
  frame: Picture['frame']
  /** Colours of the capsules by name, in the order in which they are drawn: the far leg first. Others are left out. */
  capsules: Readonly<Record<string, Colour>>
  /** Of a dot at each hinge between two bodies, and its radius; none without it. */
  joints?: { colour: Colour; radius: number }
  /** Below the capsules, and above them. */
  behind?: readonly DrawnRectangle[]
  before?: readonly DrawnRectangle[]
  /**
   * Tiles under the robot. `ground`: one row below the floor, as deep as the frame; `water`: all over the frame; `none`.
   * `size` is their width, m.
   */
  tiles: { kind: 'ground' | 'water'; size: number } | { kind: 'none' }
  handles: Picture['handles']
}

const GROUND: [Colour, Colour, Colour] = ['#9fb3a8', '#8aa196', '#f2b84b']
const WATER: [Colour, Colour, Colour] = ['#d8ecf6', '#c9e3f1', '#c9e3f1']
const WORLD = -1

/** The part of `picture` in a robot's spec. The camera follows the slides along which it may travel without end. */
export function planarPicture(model: PlanarModel, { frame, handles }: PlanarLook): Picture {
  const [x, y] = model.travel.map((joint) => `qpos[${joint}]`)
  const fps = Math.round(1 / (model.timestep * model.frameSkip))
  return { frame, fps, handles, ...(x && { follow: y ? [x, y] : x }) }
}

/** The modules of its WGSL that draw it: `planar/picture`, which the robot's WGSL imports, and the numbers for it. */
export function pictureModules(model: PlanarModel, look: PlanarLook): Record<string, WgslModule> {
  return {
    'planar/picture': { file: 'envs/planar/picture.wgsl', source },
    'planar/drawing': {
      file: `the picture of ${model.name} (by envs/planar/picture.ts)`,
      source: drawing(model, look),
    },
  }
}

const float = (x: number): string => (Number.isInteger(x) ? `${x}.0` : `${x}`)
const vec2 = ([x, y]: Vec2): string => `vec2f(${float(x)}, ${float(y)})`

function vec4(colour: Colour): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
  return `vec4f(${parts.map((x) => float(Number(x.toPrecision(4)))).join(', ')}, 1.0)`
}

function drawing(model: PlanarModel, look: PlanarLook): string {
  const { bodies, joints, travel } = model
  const world = bodies.length
  const parts = partsOf(model, look)
  const bodyIndex = (body: number) => (body === WORLD ? world : body)
  const list = (name: string, type: string, entries: string[]) => [
    `const NUM_${name} = ${entries.length}u;`,
    `const ${name} = array<${type}, ${entries.length}>(\n  ${entries.join(',\n  ')});`,
  ]
  const camera = (axis: 'x' | 'y', joint: number | undefined) =>
    `fn camera_${axis}(state: EnvState) -> f32 { return ${joint === undefined ? '0.0' : `state.qpos[${joint}]`}; }`
  return [
    ...list(
      'DRAWN_BODIES',
      'DrawnBody',
      bodies.map(({ parent, position }) => `DrawnBody(${bodyIndex(parent)}u, ${vec2(position)})`),
    ),
    ...list(
      'DRAWN_JOINTS',
      'DrawnJoint',
      joints.map((joint) => {
        const [place, sense] = joint.kind === 'hinge' ? [joint.anchor, joint.sense] : [joint.axis, 0]
        return `DrawnJoint(${joint.body}u, ${vec2(place)}, ${float(sense)}, ${float(joint.ref)})`
      }),
    ),
    ...list(
      'DRAWN_PARTS',
      'DrawnPart',
      parts.map(({ body, centre, halfSize, angle = 0, rounding = 0, colour }) => {
        const shape = [vec2(centre), vec2(halfSize), float(angle), float(rounding)].join(', ')
        return `DrawnPart(${bodyIndex(body)}u, ${shape}, ${vec4(colour)})`
      }),
    ),
    ...tiles(model, look),
    camera('x', travel[0]),
    camera('y', travel[1]),
  ].join('\n')
}

type Part = Omit<DrawnRectangle, 'body'> & { body: number }

/** Everything that is fixed to a body, in the order of drawing. */
function partsOf(model: PlanarModel, { capsules, joints, behind = [], before = [] }: PlanarLook): Part[] {
  const bodyNamed = (name: string | undefined) => model.bodies.findIndex((body) => body.name === name)
  const placed = (rectangle: DrawnRectangle): Part => ({ ...rectangle, body: bodyNamed(rectangle.body) })
  const drawn = Object.entries(capsules).map(([name, colour]): Part => {
    const capsule = model.capsules.find((one) => one.name === name)
    if (!capsule) throw new Error(`look.capsules: ${model.name} has no capsule ${JSON.stringify(name)}`)
    const { body, ends, radius } = capsule
    const [from, to] = ends
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
    return {
      body,
      centre: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2],
      halfSize: [Math.hypot(dx, dy) / 2 + radius, radius],
      angle: Math.atan2(dy, dx),
      rounding: radius,
      colour,
    }
  })
  const dots = model.joints.flatMap((joint): Part[] => {
    if (!joints || joint.kind !== 'hinge' || model.bodies[joint.body].parent === WORLD) return []
    const { colour, radius } = joints
    return [{ body: joint.body, centre: joint.anchor, halfSize: [radius, radius], rounding: radius, colour }]
  })
  return [...behind.map(placed), ...drawn, ...dots, ...before.map(placed)]
}

/** As many tiles as cover the frame, also where it begins inside a tile. */
function tiles({ floor }: PlanarModel, { frame, tiles }: PlanarLook): string[] {
  const [left, bottom, right, top] = frame
  const size = tiles.kind === 'none' ? 1 : tiles.size
  const height = tiles.kind === 'ground' ? (floor?.height ?? 0) - bottom : size
  const columns = tiles.kind === 'none' ? 1 : Math.ceil((right - left) / size) + 1
  const rows = tiles.kind === 'water' ? Math.ceil((top - bottom) / size) + 1 : 1
  const [light, dark, mark] = tiles.kind === 'water' ? WATER : GROUND
  return [
    `const TILE_SIZE = ${vec2([size, height])};`,
    `const NUM_TILES = ${tiles.kind === 'none' ? 0 : columns * rows}u;`,
    `const TILE_COLUMNS = ${columns}u;`,
    `const TILE_ROWS = ${rows}u;`,
    `const TILES_FROM = ${vec2([left, bottom])};`,
    `const TILE_LIGHT = ${vec4(light)};`,
    `const TILE_DARK = ${vec4(dark)};`,
    `const TILE_MARK = ${vec4(mark)};`,
  ]
}
