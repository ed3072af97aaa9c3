/** What a page needs of an environment to play it by WebGPU: linked WGSL and layouts, as plain data. */
import type { StructLayout } from '../gpu/reflect'
import type { SceneSource } from '../scene/source'

export interface GpuCode {
  /** Its code has the kernel `play` too: src/player/play.wgsl. */
  scene: SceneSource
  state: StructLayout
  /** Bytes of `Played`, in which the state is first, and where its other fields are. */
  played: { size: number; reward: number; terminated: number }
  /** The record that parameters are read from: its bytes, and where the first is. Null without parameters. */
  hyper: { size: number; params: number } | null
}
