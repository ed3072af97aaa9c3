/** `record`: films drawn in Chrome and read by libvips; what the command refuses. mp4 and webm: record.slow.test.ts. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { buildCli } from '../../harness/build.js'
import { EVAL_SEED } from '../../harness/policies/evaluate'
import { type FilmOptions, recordEpisodes } from '../../harness/record/record'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { policyFile } from '../../src/policy/policyfile'
import { biasedPolicy } from '../support/biased_policy'
import { runCli } from '../support/cli'
import { gpu } from '../support/gpu'

const CARTPOLE = findEnv('CartPole-v1')
const RIGHT = biasedPolicy(CARTPOLE, [0, 1])
const SIZE = { width: 240, height: 160 }
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const film = async (options: FilmOptions) => recordEpisodes(CARTPOLE, RIGHT, await gpu(), { ...SIZE, ...options })

/** The pictures, as libvips reads them: RGB. */
async function decoded(bytes: Uint8Array): Promise<{ pictures: Buffer[]; delay: number[] }> {
  const { pages = 1, delay = [] } = await sharp(bytes, { animated: true }).metadata()
  const raw = await sharp(bytes, { animated: true }).removeAlpha().raw().toBuffer()
  const size = raw.length / pages
  return { pictures: Array.from({ length: pages }, (_, i) => raw.subarray(i * size, (i + 1) * size)), delay }
}

/** The middle of the black cart in a picture of one card, from the left edge of the card: 0 to 1. */
function cartAt(picture: Buffer): number {
  const columns: number[] = []
  // The cart is the one black thing of many pixels from top to bottom.
  for (let x = 0; x < SIZE.width; x++) {
    let black = 0
    for (let y = 0; y < SIZE.height; y++) black += Number(picture[3 * (y * SIZE.width + x)] < 60)
    if (black > 4) columns.push(x)
  }
  expect(columns.length).toBeGreaterThan(3)
  return (columns[0] + columns.at(-1)! + 1) / 2 / SIZE.width
}

describe('a film', () => {
  test('gif: a picture for each step and one more, the cart where the state says', async () => {
    const { bytes, frames, fps, codec, episodes, seconds } = await film({ format: 'gif' })
    const [{ length }] = episodes
    expect({ frames, fps, codec }).toEqual({ frames: length + 1, fps: 50, codec: 'GIF' })
    expect(seconds).toBeCloseTo((length + 1) / 50)
    const { pictures, delay } = await decoded(bytes)
    expect(pictures).toHaveLength(length + 1)
    expect(delay.every((ms) => ms === 20)).toBe(true)
    const { twin } = CARTPOLE
    const state = twin!.reset(makeRng(EVAL_SEED, 0, STREAM.ENV_RESET, 0), defaultParams(CARTPOLE)) as { x: number }
    const [left, , right] = CARTPOLE.picture!.frame
    for (const picture of pictures) {
      expect(cartAt(picture)).toBeCloseTo((state.x - left) / (right - left), 1.7)
      twin!.step(state, [1], makeRng(0, 0, 0, 0), defaultParams(CARTPOLE))
    }
  })

  test('webp: the same pictures, exactly; the same again gives the same file', async () => {
    const [webp, gif, again] = [
      await film({ format: 'webp', maxSteps: 5 }),
      await film({ format: 'gif', maxSteps: 5 }),
      await film({ format: 'webp', maxSteps: 5 }),
    ]
    expect(webp.codec).toBe('WebP')
    expect(again.bytes).toEqual(webp.bytes)
    const [exact, near] = [await decoded(webp.bytes), await decoded(gif.bytes)]
    expect(exact.pictures).toHaveLength(6)
    expect(near.pictures).toHaveLength(6)
    for (const [i, picture] of exact.pictures.entries()) {
      // A gif may be off by the error that a palette is allowed.
      expect(picture.every((value, k) => Math.abs(value - near.pictures[i][k]) <= 24)).toBe(true)
    }
  })

  test('of a grid: each card has its own episode, beside each other', async () => {
    const { bytes, frames, episodes } = await film({ format: 'webp', columns: 3, rows: 1, maxSteps: 3 })
    expect(episodes).toHaveLength(3)
    expect(frames).toBe(4)
    const { pictures } = await decoded(bytes)
    const black = Array.from({ length: SIZE.width }, (_, x) =>
      Array.from({ length: SIZE.height }, (_, y) => pictures[0][3 * (y * SIZE.width + x)]).filter((v) => v < 60),
    )
    const carts = black.map((column, x) => (column.length > 3 ? x : -1)).filter((x) => x >= 0)
    const third = SIZE.width / 3
    expect(new Set(carts.map((x) => Math.floor(x / third)))).toEqual(new Set([0, 1, 2]))
  })
})

describe('the command', () => {
  const file = join(folder, 'right.safetensors')
  beforeAll(async () => {
    await buildCli()
    const { shape, params } = RIGHT
    writeFileSync(file, policyFile(CARTPOLE, shape, params, null, null, { seed: 1 }))
  })
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runCli(['record', file, ...args])
    expect(code, stderr).toBe(2)
    return stderr
  }

  test('refuses what it cannot do before it opens a browser', async () => {
    writeFileSync(join(folder, 'kept.gif'), 'kept')
    expect(await refused('--format', 'gif', '--out', join(folder, 'a.mp4'))).toContain(
      '--format: gif, but --out ends in .mp4. Leave one of them out',
    )
    expect(await refused('--format', 'avi')).toContain('--format: "avi" is not one of mp4, webm, webp, gif.')
    expect(await refused('--grid', '2x2', '--episodes', '3')).toContain('3 are fewer than the 4 cards of --grid 2x2.')
    expect(await refused('--size', '33x32')).toContain('--size: 33x32 has an odd number')
    expect(await refused('--out', join(folder, 'kept.gif'))).toContain(
      'is there already. Name another file, or give --force',
    )
    expect(readFileSync(join(folder, 'kept.gif'), 'utf8')).toBe('kept')
  })

  test('with dawn.node writes a gif, and says what to do for the others', async () => {
    const node = ['--runtime', 'node', '--adapter', 'software', '--max-steps', '3', '--size', '64x48']
    expect(await refused(...node)).toContain('mp4: there is no video encoder (WebCodecs) here. Use the format gif.')
    expect(existsSync(join(folder, 'right.mp4'))).toBe(false)
    const { code, stdout, stderr } = await runCli(['record', file, ...node, '--format', 'gif', '--json'])
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      env: 'CartPole-v1',
      frames: 4,
      lengths: [3],
      returns: [3],
      codec: 'GIF',
    })
    expect((await decoded(readFileSync(join(folder, 'right.gif')))).pictures).toHaveLength(4)
  })
})
