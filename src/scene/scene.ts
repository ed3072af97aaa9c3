/** Draws environments from their states on the GPU: one instanced draw call, without a readback. */
import { mat4, vec3 } from 'wgpu-matrix'
import type { EnvSpec, Picture } from '../env/contract'
import { link } from '../gpu/link'
import { COMPILING_MS, patiently, pipelineCreated } from '../gpu/patience'
import { reflectStruct, writeStruct } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { envSlots } from '../plan/kernels'
import { constantOf } from '../wgsl/constants'
import { moduleOf } from '../wgsl/module'
import source from './envs.wgsl?raw'
import { type Arrangement, DEFAULT_PICTURE, gridOf, type Surface } from './grid'

const FILE = 'src/scene/envs.wgsl'

/** Which states are drawn: `count` of them, from index `first`. */
export interface Drawn {
  states: GPUBuffer
  first: number
  count: number
}

/**
 * Behind a picture, and behind the focused one. On a dark page greys are turned over, black for white; but pictures with
 * polygons are painted like LunarLander's, with a sky of their own: they keep their colours, and get a ground of grey.
 */
const COLOURS = {
  light: { card: [1, 1, 1, 1], mark: [0.93, 0.92, 1, 1], turned: 0 },
  dark: { card: [0.16, 0.16, 0.21, 1], mark: [0.2, 0.2, 0.36, 1], turned: 1 },
  darkPainted: { card: [0.4, 0.4, 0.44, 1], mark: [0.42, 0.42, 0.6, 1], turned: 0 },
}

/** No environment has this index. */
const NOBODY = 0xffffffff

/** Beside the cards in a film, where nothing shines through: the lab's page, light and dark. */
export const GROUND = { light: [0.961, 0.961, 0.973, 1], dark: [0.078, 0.078, 0.106, 1] }

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
  const source = moduleOf(code).named.has('NUM_POLYGONS') ? '' : NO_POLYGONS
  const file = (what: string) => `${what} (from src/scene/scene.ts)`
  return {
    ...slots,
    polygons: { file: file('polygons'), source },
    follow: { file: file('follow'), source: followed(spec) },
  }
}

/** The WGSL that draws an environment. */
export const linkScene = (spec: EnvSpec): string =>
  link(FILE, new Map([...SHADERS, [FILE, source]]), sceneSlots(spec)).code

export class Scene {
  private readonly uniform: GPUBuffer
  private groups = new Map<GPUBuffer, GPUBindGroup>()

  private constructor(
    private readonly device: GPUDevice,
    private readonly code: string,
    private readonly pipeline: GPURenderPipeline,
    private readonly polygons: number,
    private readonly shapes: number,
    private readonly frame: Picture['frame'],
  ) {
    this.uniform = device.createBuffer({
      label: 'scene',
      size: reflectStruct(code, 'Scene').size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    })
  }

  static async create(device: GPUDevice, spec: EnvSpec, format: GPUTextureFormat): Promise<Scene> {
    const code = linkScene(spec)
    const module = device.createShaderModule({ label: 'envs', code })
    const blend: GPUBlendComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' }
    const wanted: GPURenderPipelineDescriptor = {
      label: 'envs',
      layout: 'auto',
      vertex: { module, entryPoint: 'env_vertex' },
      fragment: {
        module,
        entryPoint: 'env_fragment',
        targets: [{ format, blend: { color: blend, alpha: blend } }],
      },
    }
    const pipeline = await patiently(device, 'compiling envs', device.createRenderPipelineAsync(wanted), COMPILING_MS)
    pipelineCreated(device)
    const { frame } = spec.picture ?? DEFAULT_PICTURE
    const declared = moduleOf(code)
    const [polygons, shapes] = ['NUM_POLYGONS', 'NUM_SHAPES'].map((name) => constantOf(declared, name))
    return new Scene(device, code, pipeline, polygons, shapes, frame)
  }

  /** @param ground The colour beside the cards; transparent unless given, GROUND in a film. */
  draw(
    target: GPUTextureView,
    drawn: Drawn,
    view: Arrangement,
    surface: Surface,
    ground: GPUColor = [0, 0, 0, 0],
  ): void {
    this.writeScene(drawn, view, surface)
    let group = this.groups.get(drawn.states)
    if (!group) {
      group = this.device.createBindGroup({
        label: 'scene',
        layout: this.pipeline.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: { buffer: this.uniform } },
          { binding: 1, resource: { buffer: drawn.states } },
        ],
      })
      this.groups.set(drawn.states, group)
    }
    const encoder = this.device.createCommandEncoder({ label: 'scene' })
    const pass = encoder.beginRenderPass({
      label: 'scene',
      colorAttachments: [{ view: target, loadOp: 'clear', storeOp: 'store', clearValue: ground }],
    })
    pass.setPipeline(this.pipeline)
    pass.setBindGroup(0, group)
    pass.draw(6, drawn.count * (1 + this.polygons + this.shapes)) // each with its card
    pass.end()
    this.device.queue.submit([encoder.finish()])
  }

  private writeScene(drawn: Drawn, view: Arrangement, surface: Surface): void {
    const [left, , , top] = this.frame
    const focus = view.focus === null ? NOBODY : Math.min(view.focus, drawn.count - 1)
    const { columns, gap, width, height, pixel } = gridOf(this.frame, drawn.count, view.layout, surface, view.columns)
    // The camera: the cards in the middle of the canvas, y up. World 0 is the first card's origin.
    const middle = vec3.create(left + width / 2, top - height / 2, 0)
    const halfWidth = (pixel * surface.width) / 2
    const halfHeight = (pixel * surface.height) / 2
    const camera = mat4.ortho(-halfWidth, halfWidth, -halfHeight, halfHeight, -1, 1)
    mat4.translate(camera, vec3.negate(middle), camera)
    const single = view.layout === 'one'
    const colours = COLOURS[!surface.dark ? 'light' : this.polygons > 0 ? 'darkPainted' : 'dark']
    const values = {
      ...Object.fromEntries([0, 1, 2, 3].map((i) => [`camera${i}`, [...camera.subarray(4 * i, 4 * i + 4)]])),
      frame: this.frame,
      card: colours.card,
      mark: view.layout === 'grid' && drawn.count > 1 ? colours.mark : colours.card,
      turned: colours.turned,
      columns,
      count: single ? 1 : drawn.count,
      focus: single ? 0 : focus,
      ghosts: Number(view.layout === 'ghosts'),
      gap,
      pixel,
      ghostOpacity: Math.max(0.03, Math.min(0.35, 2.5 / Math.sqrt(drawn.count))),
      first: drawn.first,
    }
    const layout = reflectStruct(this.code, 'Scene')
    const bytes = new ArrayBuffer(layout.size)
    writeStruct(layout, values, new DataView(bytes))
    this.device.queue.writeBuffer(this.uniform, 0, bytes)
  }

  /** The buffers that were drawn belong to a run that has ended. */
  forget(): void {
    this.groups.clear()
  }

  destroy(): void {
    this.forget()
    this.uniform.destroy()
  }
}
