/** The page's side of a rival: Node calls `globalThis.rival` function by function. Results are plain JSON values, or text. */
import type { NamedTensor } from '../../../src/model/network'
import { encode } from '../../protocol/wire'
import { firstParams, isStep, named, rivalSetting, type SizedCase, stepBatch } from '../setting'
import type { OpenRival, Rival, RivalState } from './rival'
import { makeTrainer, toMinibatch } from './train'
import { watchGpu } from './watch'

/** A tensor: name and numbers. */
export type PlainTensor = [name: string, numbers: Float32Array | Float64Array]
export type PlainState = Record<keyof RivalState, PlainTensor[]>

/** `count` optimiser steps or iterations, timed from the first call to the last readback. */
export interface Run {
  seconds: number
  dispatches: number
  loss: number
  gradNorm: number
}

export interface RivalPage {
  /** Starts the library and does the first optimiser step, or iteration. Returns how long both took together. */
  open(backend: string, sized: SizedCase): Promise<Pick<Run, 'seconds'>>
  /** Does more of them. */
  run(count: number): Promise<Run>
  /** A `PlainState`, encoded by harness/protocol/wire.ts: a network may have millions of numbers. */
  state(): Promise<string>
  /** What WebGL says of the adapter; null without WebGL. */
  webgl(): string | null
}

declare global {
  var rival: RivalPage
}

const plain = (tensors: NamedTensor[]): PlainTensor[] => tensors.map(({ name, data }) => [name, data])

/** Offers a library to Node. */
export function servePage(openRival: OpenRival): void {
  const watch = watchGpu()
  let rival: Rival
  /** One optimiser step, or one iteration. */
  let once: () => Promise<unknown>

  /** Throws if there was a GPU error: nothing with an error is timed. */
  const checked = <T>(value: T): T => {
    if (watch.errors.length) throw new Error(`WebGPU reports: ${watch.errors.slice(0, 3).join(' | ')}`)
    return value
  }
  const since = (start: number): number => (performance.now() - start) / 1000

  globalThis.rival = {
    async open(backend, sized) {
      const setting = rivalSetting(sized)
      const { layout, hyper, minibatchSize } = setting
      const oneStep = isStep(sized.name)
      const params = named(layout, firstParams(setting, oneStep))
      const samples = oneStep ? toMinibatch(stepBatch(layout, minibatchSize), layout.shape.actionDim) : null
      const start = performance.now()
      rival = await openRival(backend, layout, params, hyper)
      if (samples) {
        const data = rival.upload(samples)
        once = async () => rival.step(data)
      } else {
        once = makeTrainer(rival, setting)
      }
      await once()
      await rival.settle()
      return checked({ seconds: since(start) })
    },

    async run(count) {
      const start = performance.now()
      const before = watch.dispatches
      for (let i = 0; i < count; i++) await once()
      const last = await rival.settle()
      return checked({ seconds: since(start), dispatches: watch.dispatches - before, ...last })
    },

    async state() {
      const { params, m, v } = await rival.state()
      return encode(checked({ params: plain(params), m: plain(m), v: plain(v) }))
    },

    webgl() {
      const gl = document.createElement('canvas').getContext('webgl2')
      const named = gl?.getExtension('WEBGL_debug_renderer_info')
      return gl && named ? gl.getParameter(named.UNMASKED_RENDERER_WEBGL) : null
    },
  }
}
