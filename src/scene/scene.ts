/** Draws environments from their states on the GPU: one instanced draw call, without a readback. */
import { mat4, vec3 } from 'wgpu-matrix'
import { compileModule } from '../gpu/compile'
import { COMPILING_MS, patiently, pipelineCreated } from '../gpu/patience'
import { writeStruct } from '../gpu/reflect'
import { type Arrangement, gridOf, type Surface } from './grid'
import type { SceneSource } from './source'

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

export class Scene {
  private readonly uniform: GPUBuffer
  private groups = new Map<GPUBuffer, GPUBindGroup>()

  private constructor(
    private readonly device: GPUDevice,
    private readonly source: SceneSource,
    private readonly pipeline: GPURenderPipeline,
    private readonly more: readonly GPUBindGroupEntry[],
  ) {
    this.uniform = device.createBuffer({
      label: 'scene',
      size: source.layout.size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    })
  }

  /** @param more Bound beside the camera and the states: what the WGSL of `source` needs besides. */
  static async create(
    device: GPUDevice,
    source: SceneSource,
    format: GPUTextureFormat,
    more: readonly GPUBindGroupEntry[] = [],
  ): Promise<Scene> {
    const module = await compileModule(device, 'envs', source)
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
    return new Scene(device, source, pipeline, more)
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
          ...this.more,
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
    pass.draw(6, drawn.count * (1 + this.source.polygons + this.source.shapes)) // each with its card
    pass.end()
    this.device.queue.submit([encoder.finish()])
  }

  private writeScene(drawn: Drawn, view: Arrangement, surface: Surface): void {
    const { frame, polygons, layout } = this.source
    const [left, , , top] = frame
    const focus = view.focus === null ? NOBODY : Math.min(view.focus, drawn.count - 1)
    const { columns, gap, width, height, pixel } = gridOf(frame, drawn.count, view.layout, surface, view.columns)
    // The camera: the cards in the middle of the canvas, y up. World 0 is the first card's origin.
    const middle = vec3.create(left + width / 2, top - height / 2, 0)
    const halfWidth = (pixel * surface.width) / 2
    const halfHeight = (pixel * surface.height) / 2
    const camera = mat4.ortho(-halfWidth, halfWidth, -halfHeight, halfHeight, -1, 1)
    mat4.translate(camera, vec3.negate(middle), camera)
    const single = view.layout === 'one'
    const colours = COLOURS[!surface.dark ? 'light' : polygons > 0 ? 'darkPainted' : 'dark']
    const values = {
      ...Object.fromEntries([0, 1, 2, 3].map((i) => [`camera${i}`, [...camera.subarray(4 * i, 4 * i + 4)]])),
      frame,
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
