/** Where a device shows its pictures. */
import type { Gpu } from '../gpu/device'
import { Pictures } from '../scene/pictures'
import { make } from './panel'

export interface Screen {
  canvas: HTMLCanvasElement
  format: 'rgba8unorm' | 'bgra8unorm'
  /** Shows what `draw` draws; nothing while the last picture is not there yet. */
  show(draw: (target: GPUTextureView) => void): Promise<void>
}

/**
 * The canvas of a device; of a software adapter one with copies of its pictures, as in the lab: Chrome loses such a
 * device when it draws on a canvas.
 */
export function screenOf(gpu: Gpu): Screen {
  const canvas = make('canvas')
  return gpu.software ? copying(gpu, canvas) : direct(gpu, canvas)
}

function direct({ device }: Gpu, canvas: HTMLCanvasElement): Screen {
  const context = canvas.getContext('webgpu')
  if (!context) throw new Error('This browser has no canvas for WebGPU.')
  const format = navigator.gpu.getPreferredCanvasFormat() as Screen['format']
  context.configure({ device, format, alphaMode: 'premultiplied' })
  return { canvas, format, show: async (draw) => draw(context.getCurrentTexture().createView()) }
}

function copying({ device }: Gpu, canvas: HTMLCanvasElement): Screen {
  const format = 'rgba8unorm'
  const context = canvas.getContext('2d')!
  const pictures = new Pictures(device, format)
  let busy = false
  return {
    canvas,
    format,
    async show(draw) {
      if (busy) return
      busy = true
      try {
        const { width, height } = canvas
        const pixels = await pictures.take(width, height, draw)
        context.putImageData(new ImageData(pixels, width, height), 0, 0)
      } finally {
        busy = false
      }
    },
  }
}
