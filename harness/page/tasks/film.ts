/** Films of environments: states from Node, drawn as the lab draws them, read back and encoded. */
import type { FilmWriter } from '../../../src/film/formats'
import { openWriter } from '../../../src/film/writer'
import type { Gpu } from '../../../src/gpu/device'
import { Pictures } from '../../../src/scene/pictures'
import { GROUND, Scene } from '../../../src/scene/scene'
import { sceneOf } from '../../../src/scene/source'
import type { FilmArgs, Tasks } from '../../protocol/protocol'
import { sharedGpu } from './device'

interface OpenFilm {
  args: FilmArgs
  gpu: Gpu
  scene: Scene
  pictures: Pictures
  writer: FilmWriter
  /** Of one picture. */
  states: GPUBuffer | undefined
}

let film: OpenFilm | undefined

export async function filmBegin(args: FilmArgs): Promise<Tasks['filmBegin'][1]> {
  await close()
  const writer = await openWriter(args.format, args)
  const gpu = await sharedGpu()
  const scene = await Scene.create(gpu.device, sceneOf(args.spec), 'rgba8unorm')
  const pictures = new Pictures(gpu.device, 'rgba8unorm')
  film = { args, gpu, scene, pictures, writer, states: undefined }
  return { codec: writer.codec }
}

export async function filmDraw({ states, times }: Tasks['filmDraw'][0]): Promise<Record<string, never>> {
  const open = opened()
  const { width, height, columns, rows } = open.args
  const count = columns * rows
  const pictures = times.length - 1
  const words = states.length / pictures
  const { device } = open.gpu
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST
  open.states ??= device.createBuffer({ label: 'env_states', size: 4 * words, usage })
  const drawn = { states: open.states, first: 0, count }
  for (let i = 0; i < pictures; i++) {
    device.queue.writeBuffer(open.states, 0, states as Uint32Array<ArrayBuffer>, i * words, words)
    const pixels = await open.pictures.take(width, height, (target) =>
      open.scene.draw(
        target,
        drawn,
        { layout: 'grid', focus: null, columns },
        { width, height, dark: false },
        GROUND.light,
      ),
    )
    await open.writer.add(pixels, times[i], times[i + 1])
  }
  open.gpu.check()
  return {}
}

export async function filmEnd(): Promise<Uint8Array> {
  const { writer } = opened()
  const bytes = await writer.finish()
  free()
  return bytes
}

function opened(): OpenFilm {
  if (!film) throw new Error('film: none has begun')
  return film
}

/** Gives up a film that was not finished. */
async function close(): Promise<void> {
  const old = film
  free()
  await old?.writer.cancel()
}

function free(): void {
  film?.scene.destroy()
  film?.pictures.destroy()
  film?.states?.destroy()
  film = undefined
}
