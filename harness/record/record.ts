/** A film of a policy: episodes are played as `eval` plays them, on the CPU, and drawn as the lab draws them. */
import type { EnvSpec, EnvTwin } from '../../src/env/contract'
import { type FilmFormat, FORMATS } from '../../src/film/formats'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import type { ParamSettings } from '../../src/options/params'
import { envSlots } from '../../src/plan/kernels'
import { makePolicy } from '../../src/policy/policy'
import type { PolicyData } from '../../src/policy/policyfile'
import { moduleOf } from '../../src/wgsl/module'
import { UsageError } from '../cli/errors'
import { count } from '../cli/output'
import { drawnActions, type Episode, EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import type { Runtime } from '../runtime/runtime'
import { keepingTwin, packingOf, type States } from './play'
import { statesOf, timelineOf } from './timeline'

/** What is to be seen, and how; all of it may be left out. */
export interface FilmOptions {
  /** Default mp4. */
  format?: FilmFormat
  /** In pixels; default 640 x 480. */
  width?: number
  height?: number
  /** Cards side by side, and rows of them; default 1 x 1. */
  columns?: number
  rows?: number
  /** Default: one on each card. Episode e is that of `eval` with the same seed. */
  episodes?: number
  seed?: number
  /** Actions are drawn from the policy, as in `eval --stochastic`. */
  stochastic?: boolean
  /** Episodes are cut after this many steps. */
  maxSteps?: number
  /** Steps per second; default: those of the environment's picture, else 30. */
  fps?: number
  /** Of the environment's parameters. */
  params?: ParamSettings
}

export interface Film {
  bytes: Uint8Array
  format: FilmFormat
  /** What encoded it, such as `H.264`. */
  codec: string
  width: number
  height: number
  /** Steps per second, and how many steps lie between two pictures. */
  fps: number
  every: number
  /** Pictures, and the seconds that they last. */
  frames: number
  seconds: number
  /** In the order of `eval`. */
  episodes: Episode[]
}

export const DEFAULT_FPS = 30
/** Bytes of states in one message to the page. */
const CHUNK_BYTES = 2 ** 22
/** Pictures in one message at most, so that progress can be told. */
const CHUNK_PICTURES = 50

/**
 * @param runtime Chrome, or dawn.node, which can write gif alone.
 * @param tell Called with the pictures drawn so far, and their number.
 * @throws UsageError for an environment without shapes, and for a film that is too large; HarnessError without an encoder.
 */
export async function recordEpisodes(
  spec: EnvSpec,
  policy: PolicyData,
  runtime: Runtime,
  options: FilmOptions = {},
  tell: (drawn: number, of: number) => void = () => undefined,
): Promise<Film> {
  const { format = 'mp4', width = 640, height = 480, columns = 1, rows = 1 } = options
  const { episodes = columns * rows, fps = spec.picture?.fps ?? DEFAULT_FPS } = options
  checkShapes(spec)
  checkSize(format, width, height)
  const { mostFps, mostPixels } = FORMATS[format]
  const every = Math.ceil(fps / mostFps)
  const mostStates = every * Math.floor(mostPixels / (width * height))
  const played = play(spec, policy, episodes, options, (all) => checkLength(all, columns * rows, mostStates, options))
  const timeline = timelineOf(played.states, columns * rows, fps, mostFps)
  const { twin: _, ...described } = spec
  const { codec } = await runtime.call('filmBegin', { spec: described, format, width, height, columns, rows })
  const frames = timeline.steps.length
  const bytesOfPicture = 4 * columns * rows * played.states[0][0].length
  const atOnce = Math.max(1, Math.min(CHUNK_PICTURES, Math.floor(CHUNK_BYTES / bytesOfPicture)))
  for (let from = 0; from < frames; from += atOnce) {
    const until = Math.min(from + atOnce, frames)
    const times = Float64Array.from(timeline.times.slice(from, until + 1))
    await runtime.call('filmDraw', { states: statesOf(timeline, from, until), times })
    tell(until, frames)
  }
  const bytes = await runtime.call('filmEnd', {})
  const seconds = timeline.times[frames]
  return { bytes, format, codec, width, height, fps, every, frames, seconds, episodes: played.episodes }
}

function play(
  spec: EnvSpec,
  policy: PolicyData,
  episodes: number,
  { seed = EVAL_SEED, stochastic = false, maxSteps = Number.POSITIVE_INFINITY, params }: FilmOptions,
  onState: (all: readonly States[]) => void,
): { episodes: Episode[]; states: States[] } {
  const { twin, episodes: states } = keepingTwin(spec.twin as EnvTwin<unknown>, packingOf(spec), onState)
  const limit = Math.min(spec.maxEpisodeSteps ?? Number.POSITIVE_INFINITY, maxSteps)
  const cut = { ...spec, twin, maxEpisodeSteps: Number.isFinite(limit) ? limit : null } as EnvSpec
  const act = stochastic ? drawnActions(policy, seed) : undefined
  return { episodes: evaluatePolicy(cut, makePolicy(policy), episodes, seed, act, params), states }
}

function checkShapes(spec: EnvSpec): void {
  const { named } = moduleOf(link('env', SHADERS, envSlots(spec)).code)
  const missing = ['NUM_SHAPES', 'env_shape'].filter((name) => !named.has(name))
  if (missing.length === 0) return
  throw new UsageError(
    `${spec.id}: cannot be drawn: ${spec.wgslFile} has no ${missing.join(' and no ')}. Write both: docs/own-environment.md.`,
  )
}

/** @throws UsageError */
export function checkSize(format: FilmFormat, width: number, height: number): void {
  if (!FORMATS[format].video || (width % 2 === 0 && height % 2 === 0)) return
  const even = [width, height].map((n) => n + (n % 2)).join('x')
  throw new UsageError(
    `--size: ${width}x${height} has an odd number, and the encoders of ${format} take even ones. Use ${even}, or --format gif.`,
  )
}

/** Ends the play as soon as the film would be too long. */
function checkLength(
  all: readonly States[],
  cards: number,
  most: number,
  { format = 'mp4', width = 640, height = 480 }: FilmOptions,
): void {
  const latest = (all.length - 1) % cards
  let length = 0
  for (let e = latest; e < all.length; e += cards) length += all[e].length
  if (length < most) return
  throw new UsageError(
    `the film would have more than ${count(most)} steps, the most that a ${format} of ${width}x${height} may have. ` +
      'Give fewer --episodes, --max-steps N, or a smaller --size.',
  )
}
