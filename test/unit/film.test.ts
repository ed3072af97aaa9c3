/** Films without a GPU: which state is in which picture, gif and webp files read by libvips, and what is refused. */
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { ENVS, findEnv } from '../../envs/registry'
import type { Given } from '../../harness/cli/args'
import { EVAL_SEED, evaluatePolicy } from '../../harness/policies/evaluate'
import { readFormat, readFps, readGrid, readSize } from '../../harness/record/options'
import { keepingTwin, packingOf } from '../../harness/record/play'
import { checkSize, type FilmOptions, recordEpisodes } from '../../harness/record/record'
import { statesOf, timelineOf } from '../../harness/record/timeline'
import type { Runtime } from '../../harness/runtime/runtime'
import { actionDim, type EnvSpec } from '../../src/env/contract'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { numberOf, readWord } from '../../src/envcheck/state'
import { changedPart } from '../../src/film/changed'
import { gifWriter } from '../../src/film/gif'
import { animation } from '../../src/film/riff'
import { openWriter } from '../../src/film/writer'
import { makePolicy } from '../../src/policy/policy'
import { biasedPolicy } from '../support/biased_policy'

const CARTPOLE = findEnv('CartPole-v1')
const RIGHT = biasedPolicy(CARTPOLE, [0, 1])
const SIZE = { width: 6, height: 4 }

/** RGBA of a picture, all of one colour but for some pixels. */
function picture(ground: number[], pixels: Record<number, number[]> = {}): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * SIZE.width * SIZE.height)
  for (let i = 0; i < SIZE.width * SIZE.height; i++) out.set([...(pixels[i] ?? ground), 255], 4 * i)
  return out
}

/** What libvips reads: each picture as RGB, and the milliseconds that it is shown. */
async function decoded(file: Uint8Array): Promise<{ pictures: Uint8Array[]; delay: number[] }> {
  const { pages = 1, delay = [], width = 0, pageHeight = 0 } = await sharp(file, { animated: true }).metadata()
  expect([width, pageHeight]).toEqual([SIZE.width, SIZE.height])
  const all = await sharp(file, { animated: true }).removeAlpha().raw().toBuffer()
  const bytes = all.length / pages
  return { pictures: Array.from({ length: pages }, (_, i) => all.subarray(i * bytes, (i + 1) * bytes)), delay }
}
const rgb = (rgba: Uint8ClampedArray): number[] => Array.from(rgba).filter((_, i) => i % 4 < 3)

describe('the timeline', () => {
  const episode = (from: number, states: number) => Array.from({ length: states }, (_, i) => Uint32Array.of(from + i))
  const [a, b, c] = [episode(10, 3), episode(20, 5), episode(30, 4)]

  test('one card plays the episodes one after the other', () => {
    const line = timelineOf([a, b, c], 1, 50, 1000)
    expect([...statesOf(line, 0, 12)]).toEqual([10, 11, 12, 20, 21, 22, 23, 24, 30, 31, 32, 33])
    expect(line.times.map((time) => Math.round(1000 * time))).toEqual(Array.from({ length: 13 }, (_, i) => 20 * i))
  })

  test('with two, each goes on with its next one, then stands still until the longest has ended', () => {
    const line = timelineOf([a, b, c], 2, 30, 1000)
    const shown = [...statesOf(line, 0, 7)]
    expect(shown.filter((_, i) => i % 2 === 0)).toEqual([10, 11, 12, 30, 31, 32, 33])
    expect(shown.filter((_, i) => i % 2 === 1)).toEqual([20, 21, 22, 23, 24, 24, 24])
    expect([...statesOf(line, 5, 7)]).toEqual(shown.slice(10))
  })

  test('where a format shows fewer pictures than there are steps, every third, and the last', () => {
    const { steps, times } = timelineOf([episode(0, 9)], 1, 125, 50)
    expect(steps).toEqual([0, 3, 6, 8])
    expect(times).toEqual([0, 3 / 125, 6 / 125, 8 / 125, 9 / 125])
  })
})

test.each(ENVS)('the episodes are those of eval, with a number for every word of the state: $id', (spec) => {
  const data = biasedPolicy(
    spec,
    Array.from({ length: actionDim(spec) }, (_, i) => i / 10),
  )
  const packing = packingOf(spec)
  const { twin, episodes } = keepingTwin(spec.twin!, packing, () => undefined)
  const cut = { ...spec, maxEpisodeSteps: 20 }
  const wanted = evaluatePolicy(cut, makePolicy(data), 2, EVAL_SEED)
  expect(evaluatePolicy({ ...cut, twin }, makePolicy(data), 2, EVAL_SEED)).toEqual(wanted)
  expect(episodes.map((states) => states.length - 1)).toEqual(wanted.map(({ length }) => length))
  const state = spec.twin!.reset(makeRng(1, 0, STREAM.ENV_RESET, 0), defaultParams(spec))
  expect(packing.words.filter((word) => numberOf(state, word) === undefined)).toEqual([])
})

test('states become the floats of EnvState', () => {
  const packing = packingOf(CARTPOLE)
  const { twin, episodes } = keepingTwin(CARTPOLE.twin!, packing, () => undefined)
  evaluatePolicy({ ...CARTPOLE, twin }, makePolicy(RIGHT), 1, EVAL_SEED)
  const x = packing.words.find(({ name }) => name === 'x')!
  const places = episodes[0].map((state) => readWord(x, state, 0))
  expect(places.length).toBeGreaterThan(8)
  expect(places.at(-1)!).toBeGreaterThan(places[0] + 0.1) // pushed to the right
})

describe('a gif', () => {
  test('has exactly the colours of drawings, and delays that add up', async () => {
    const pictures = [picture([255, 255, 255]), picture([255, 255, 255], { 7: [10, 20, 30] }), picture([255, 255, 255])]
    const gif = gifWriter(SIZE)
    for (const [i, pixels] of pictures.entries()) await gif.add(pixels, (2.4 * i) / 100, (2.4 * (i + 1)) / 100)
    const film = await decoded(await gif.finish())
    expect(film.pictures.map((bytes) => [...bytes])).toEqual(pictures.map(rgb))
    expect(film.delay).toEqual([20, 30, 20])
  })

  test('of more colours than a palette holds is near them, also where later pictures have others', async () => {
    const size = { width: 64, height: 32 }
    const noisy = (blue: number) => {
      const out = new Uint8ClampedArray(4 * 64 * 32)
      for (let i = 0; i < 64 * 32; i++) out.set([4 * (i % 64), 8 * Math.floor(i / 64), blue, 255], 4 * i)
      return out
    }
    const pictures = [noisy(0), noisy(200), noisy(200)]
    const gif = gifWriter(size)
    for (const [i, pixels] of pictures.entries()) await gif.add(pixels, i / 10, (i + 1) / 10)
    const all = await sharp(await gif.finish(), { animated: true })
      .removeAlpha()
      .raw()
      .toBuffer()
    const wanted = pictures.flatMap(rgb)
    expect(all.length).toBe(wanted.length)
    const errors = wanted.map((value, i) => Math.abs(value - all[i]))
    expect(errors.reduce((sum, error) => sum + error) / errors.length).toBeLessThan(8)
    expect(Math.max(...errors)).toBeLessThan(40)
  })
})

test('a webp is put together of parts', async () => {
  const white = picture([255, 255, 255])
  const dot = picture([255, 255, 255], { 14: [200, 0, 0] })
  const words = (pixels: Uint8ClampedArray<ArrayBuffer>) => new Uint32Array(pixels.buffer)
  const part = changedPart(words(white), words(dot), SIZE)
  expect(part).toEqual({ x: 2, y: 2, width: 1, height: 1 })
  expect(changedPart(null, words(dot), SIZE)).toEqual({ x: 0, y: 0, ...SIZE })
  expect(changedPart(words(dot), words(dot), SIZE)).toEqual({ x: 0, y: 0, width: 1, height: 1 })
  const corners = picture([255, 255, 255], { 5: [0, 0, 0], 18: [0, 0, 0] })
  expect(changedPart(words(white), words(corners), SIZE)).toEqual({ x: 0, y: 0, ...SIZE })
  const still = (colour: number[], { width, height }: typeof SIZE) =>
    sharp({ create: { width, height, channels: 3, background: { r: colour[0], g: colour[1], b: colour[2] } } })
      .webp({ lossless: true })
      .toBuffer()
  const film = animation(
    [
      { x: 0, y: 0, ...SIZE, ms: 33, file: await still([255, 255, 255], SIZE) },
      { ...part, ms: 34, file: await still([200, 0, 0], part) },
    ],
    SIZE,
  )
  const { pictures, delay } = await decoded(film)
  expect(pictures.map((bytes) => [...bytes])).toEqual([white, dot].map(rgb))
  expect(delay).toEqual([33, 34])
})

describe('Node alone', () => {
  test.each(['mp4', 'webm', 'webp'] as const)('has no encoder for %s, and names gif', async (format) => {
    await expect(openWriter(format, SIZE)).rejects.toThrow(/^(mp4|webm|webp): .* Use the format gif\.$/)
  })
})

describe('what is refused', () => {
  const given = (flags: Record<string, string>): Given => ({
    positionals: [],
    has: (flag) => flag in flags,
    text: (flag) => flags[flag],
    all: () => [],
  })
  test.each<[string, () => unknown, string]>([
    [
      'an unknown format',
      () => readFormat(given({ format: 'avi' })),
      '--format: "avi" is not one of mp4, webm, webp, gif.',
    ],
    [
      'an ending',
      () => readFormat(given({ out: 'a.mov' })),
      '--out: "mov" is not the ending of a film (mp4, webm, webp, gif)',
    ],
    [
      'a size of one number',
      () => readSize(given({ size: '640' })),
      '--size: "640" is not two numbers from 16 to 4096',
    ],
    ['a size that is too large', () => readSize(given({ size: '640x9000' })), '--size: "640x9000" is not two numbers'],
    ['an odd size for a video', () => checkSize('mp4', 641, 479), 'Use 642x480, or --format gif.'],
    ['a grid without cards', () => readGrid(given({ grid: '0x4' })), '--grid: "0x4" is not two numbers from 1 to 64'],
    ['no pictures', () => readFps(given({ fps: '0' })), '--fps: "0" is not a number from 0.1 to 1000, such as 30.'],
  ])('%s', (_, read, message) => expect(read).toThrow(message))

  test('and what is not: endings, gif of an odd size', () => {
    expect(readFormat(given({ out: 'a/b.c/film.GIF' }))).toBe('gif')
    expect(readFormat(given({}))).toBe('mp4')
    expect(readFormat(given({ format: 'webm', out: 'film.bin' }))).toBe('webm')
    checkSize('gif', 641, 479)
  })

  /** A runtime that must not be asked. */
  const none = { call: () => Promise.reject(new Error('the page was asked')) } as unknown as Runtime
  const recorded = (spec: EnvSpec, options: FilmOptions) => recordEpisodes(spec, RIGHT, none, options)

  test('an environment without shapes', async () => {
    const wgsl = CARTPOLE.wgsl.replaceAll('NUM_SHAPES', 'NUM_OTHERS').replaceAll('env_shape', 'env_other')
    await expect(recorded({ ...CARTPOLE, wgsl }, {})).rejects.toThrow(
      `CartPole-v1: cannot be drawn: ${CARTPOLE.wgslFile} has no NUM_SHAPES and no env_shape.`,
    )
    await expect(recorded(CARTPOLE, { maxSteps: 2 })).rejects.toThrow('the page was asked')
  })

  test('a film that is too large, before anything is drawn', async () => {
    const size = { format: 'gif', width: 4096, height: 4096 } as const
    await expect(recorded(CARTPOLE, { ...size, episodes: 40 })).rejects.toThrow(
      'the film would have more than 238 steps, the most that a gif of 4096x4096 may have. Give fewer --episodes',
    )
    // As many, but side by side.
    await expect(recorded(CARTPOLE, { ...size, columns: 8, rows: 5 })).rejects.toThrow('the page was asked')
  })
})
