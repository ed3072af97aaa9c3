/** mp4 and webm, read by ffmpeg: their number of pictures, their colours, and their length. */
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { type FilmOptions, recordEpisodes } from '../../harness/record/record'
import { biasedPolicy } from '../support/biased_policy'
import { readFilm } from '../support/ffmpeg'
import { gpu } from '../support/gpu'

const CARTPOLE = findEnv('CartPole-v1')
const HOPPER = findEnv('Hopper-v5')
const SIZE = { width: 240, height: 160 }

const film = async (options: FilmOptions, spec = CARTPOLE) =>
  recordEpisodes(spec, biasedPolicy(spec, spec === CARTPOLE ? [0, 1] : [0, 0, 0]), await gpu(), {
    ...SIZE,
    ...options,
  })

/** The exact pictures, by way of a webp. */
async function exact(options: FilmOptions): Promise<Buffer[]> {
  const { bytes, frames } = await film({ ...options, format: 'webp' })
  const raw = await sharp(bytes, { animated: true }).removeAlpha().raw().toBuffer()
  const size = raw.length / frames
  return Array.from({ length: frames }, (_, i) => raw.subarray(i * size, (i + 1) * size))
}

/** The mean difference of two pictures, of 255. */
const difference = (a: Buffer, b: Buffer): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length

describe.each(['mp4', 'webm'] as const)('a film as %s', (format) => {
  test('has a picture for each step and one more, with the colours that were drawn', async () => {
    const wanted = await exact({ episodes: 2 })
    const made = await film({ format, episodes: 2 })
    const steps = made.episodes.reduce((sum, { length }) => sum + length, 0)
    expect(made.frames).toBe(steps + 2)
    const read = readFilm(made.bytes, SIZE)
    expect(read.codec).toBe({ 'H.264': 'h264', VP9: 'vp9', VP8: 'vp8', AV1: 'av1' }[made.codec])
    expect(read.pictures).toHaveLength(made.frames)
    expect(read.seconds).toBeCloseTo(made.frames / 50, 1)
    expect(wanted).toHaveLength(made.frames)
    const away = (i: number, j: number) => difference(read.pictures[i], wanted[j])
    const errors = wanted.map((_, i) => away(i, i))
    // Of 255, on the mean: 0.25 in an mp4, 0.11 in a webm; between two pictures 0.86 and more.
    expect(Math.max(...errors)).toBeLessThan(0.5)
    // Other pictures are further away: the cart has moved.
    for (const [i, j] of [
      [0, 8],
      [8, 0],
      [2, 6],
    ])
      expect(away(i, j)).toBeGreaterThan(1.5 * Math.max(errors[i], errors[j]))
  })
})

test('a Hopper of 125 steps per second: each in an mp4, every third in a gif', async () => {
  const mp4 = await film({ format: 'mp4', maxSteps: 10 }, HOPPER)
  const gif = await film({ format: 'gif', maxSteps: 10 }, HOPPER)
  expect([mp4.fps, mp4.frames, mp4.every]).toEqual([125, 11, 1])
  expect([gif.fps, gif.frames, gif.every]).toEqual([125, 5, 3])
  expect(readFilm(mp4.bytes, SIZE).pictures).toHaveLength(11)
  const { pages, delay } = await sharp(gif.bytes, { animated: true }).metadata()
  expect([pages, delay]).toEqual([5, [20, 30, 20, 10, 10].map((ms) => expect.closeTo(ms, -1))])
})

test('the same webm again has the same bytes', async () => {
  const [first, second] = [await film({ format: 'webm', maxSteps: 6 }), await film({ format: 'webm', maxSteps: 6 })]
  expect(second.bytes).toEqual(first.bytes)
})
