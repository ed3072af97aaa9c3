import type { Observed } from '../env/contract'
import { gridWords, seen } from '../env/grid'
import type { Floats } from '../model/floats'

/**
 * Writes the stack of frames that the policy sees, as numbers, to `obs[offset ..)`: entry ((y width + x) frames + f)
 * channels + c, the oldest frame first, bytes divided by 255. `frame` is the newest, as the twin wrote it. The older ones
 * are those of the stack in `before`, moved by `moved` frames; without it, at the start of an episode, all are the
 * newest.
 */
export function observeWords(
  spec: Observed,
  frames: number,
  frame: Floats,
  obs: Floats,
  offset: number,
  before: { obs: Floats; offset: number; moved: number } | null,
): void {
  const { channels } = gridWords(spec)
  for (let i = 0; i < frame.length; i++) {
    const pixel = Math.floor(i / channels)
    const at = (f: number): number => (pixel * frames + f) * channels + (i % channels)
    const newest = seen(spec.observation?.storage, frame[i])
    for (let f = 0; f < frames - 1; f++) {
      obs[offset + at(f)] = before ? before.obs[before.offset + at(f + before.moved)] : newest
    }
    obs[offset + at(frames - 1)] = newest
  }
}
