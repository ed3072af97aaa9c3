/** The page's side of a rival: Node calls `globalThis.rival` function by function. Results are plain JSON values. */
import type { NamedTensor } from '../../../src/model/network'
import { firstParams, named, type RivalCase, rivalSetting, stepBatch } from '../setting'
import type { OpenRival, Rival, RivalState } from './rival'
import { makeTrainer, toMinibatch } from './train'
import { watchGpu } from './watch'

/** A tensor as JSON: name and numbers. */
export type PlainTensor = [name: string, numbers: number[]]
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
  open(backend: string, name: RivalCase): Promise<Pick<Run, 'seconds'>>
  /** Does more of them. */
  run(count: number): Promise<Run>
  state(): Promise<PlainState>
}

declare global {
  var rival: RivalPage
}

const plain = (tensors: NamedTensor[]): PlainTensor[] => tensors.map(({ name, data }) => [name, [...data]])

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
    async open(backend, name) {
      const start = performance.now()
      const setting = rivalSetting(name)
      const { layout, hyper, minibatchSize } = setting
      const isStep = name === 'minibatch-step'
      rival = await openRival(backend, named(layout, firstParams(setting, isStep)), hyper)
      if (isStep) {
        const data = rival.upload(toMinibatch(stepBatch(layout, minibatchSize), layout.shape.actionDim))
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
      return checked({ params: plain(params), m: plain(m), v: plain(v) })
    },
  }
}
