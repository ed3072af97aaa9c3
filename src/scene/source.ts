/** The WGSL of a scene, linked: apart from what draws, so that a page can be given it ready. */
import type { EnvSpec, Picture } from '../env/contract'
import { type Linked, link, type Slot } from '../gpu/link'
import { reflectStruct, type StructLayout } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { envSlots } from '../plan/kernels'
import { constantOf } from '../wgsl/constants'
import { moduleOf } from '../wgsl/module'
import source from './envs.wgsl?raw'
import { DEFAULT_PICTURE } from './grid'

const FILE = 'src/scene/envs.wgsl'

/** Plain data: it can be sent, and written into a page. */
export interface SceneSource {
  code: string
  /** Where its lines come from, for errors. */
  origin?: Linked['origin']
  /** Of the uniform `scene`. */
  layout: StructLayout
  /** Of one environment. */
  polygons: number
  shapes: number
  frame: Picture['frame']
}

/** For environments that declare no polygons. */
const NO_POLYGONS = `//#import "env"
const NUM_POLYGONS = 0u;
fn env_polygon(state: EnvState, i: u32) -> Polygon { return Polygon(array<vec2f, 6>(), vec4f(), vec4f()); }`

/** Where the camera stands: at the fields that the picture follows. */
function followed({ picture }: EnvSpec): string {
  const [x, y] = [picture?.follow ?? []].flat().map((field) => `state.${field}`)
  return `//#import "env"
fn env_follow(state: EnvState) -> vec2f { return vec2f(${x ?? '0.0'}, ${y ?? '0.0'}); }`
}

function sceneSlots(spec: EnvSpec): ReturnType<typeof envSlots> {
  const slots = envSlots(spec)
  const { code } = link('env', SHADERS, slots)
  const polygons = moduleOf(code).named.has('NUM_POLYGONS') ? '' : NO_POLYGONS
  const file = (what: string) => `${what} (from src/scene/source.ts)`
  return {
    ...slots,
    polygons: { file: file('polygons'), source: polygons },
    follow: { file: file('follow'), source: followed(spec) },
    shown_params: { file: file('shown_params'), source: 'fn use_shown_params() {}' },
  }
}

/** The WGSL that draws an environment, with the default of each parameter. */
export const linkScene = (spec: EnvSpec): string => linkWithScene(spec, FILE).code

/**
 * The module `file`, which imports the scene.
 * @param more Its source, and slots that replace those of the scene.
 */
export function linkWithScene(
  spec: EnvSpec,
  file: string,
  more?: { source: string; slots: Record<string, Slot> },
): Linked {
  const sources = new Map([...SHADERS, [FILE, source], ...(more ? [[file, more.source] as const] : [])])
  return link(file, sources, { ...sceneSlots(spec), ...more?.slots })
}

export function sceneOf(spec: EnvSpec): SceneSource {
  const { code, origin } = linkWithScene(spec, FILE)
  return { ...sceneIn(code, spec), origin }
}

/** What `Scene` asks of linked WGSL in which the scene is. */
export function sceneIn(code: string, { picture = DEFAULT_PICTURE }: Pick<EnvSpec, 'picture'>): SceneSource {
  const declared = moduleOf(code)
  const [polygons, shapes] = ['NUM_POLYGONS', 'NUM_SHAPES'].map((name) => constantOf(declared, name))
  return { code, layout: reflectStruct(code, 'Scene'), polygons, shapes, frame: picture.frame }
}
