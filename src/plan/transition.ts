/**
 * The layout of a transition, read from its only definition, shaders/lib/data/transition.wgsl; and the slot `shape`,
 * which passes the sizes of a network and its action distribution to the kernels.
 */
import { isPacked } from '../env/contract'
import type { GridWords } from '../env/grid'
import { constantsIn } from '../gpu/constants'
import { link, type Slot } from '../gpu/link'
import { SHADERS } from '../gpu/shaders'
import { type DistributionShape, distributionOf } from '../model/distributions/table'
import type { NetworkShape } from '../model/network'

/** Offsets and counts in floats. */
export interface RecordLayout {
  /** Floats of a padded observation, of a padded policy output, and of the distribution's own padded parameters. */
  obsStride: number
  outStride: number
  ownStride: number
  /** Numbers stored per action: indices, or one number per dimension. */
  actionCount: number
  /** Numbers that store a mask, `maskBits` entries each; 0 without masks. */
  maskWords: number
  maskBits: number
  obs: number
  /** What the actor reads: `obs`, or with privileged entries its copy without them. */
  actorObs: number
  oldOut: number
  oldOwn: number
  mask: number
  action: number
  logprob: number
  value: number
  advantage: number
  return: number
  reward: number
  finalValue: number
  /** `FLAG` bits, as a float. */
  flags: number
  /** Stride of a record, in floats; a multiple of 4. */
  stride: number
}

const known = new Map<string, RecordLayout>()

export function recordLayout(shape: NetworkShape): RecordLayout {
  const slot = shapeSlot(shape)
  let layout = known.get(slot.source)
  if (!layout) known.set(slot.source, (layout = readLayout(slot)))
  return layout
}

function readLayout(shape: Slot): RecordLayout {
  const of = constantsIn(link('shaders/lib/data/transition.wgsl', SHADERS, { shape }).code)
  return {
    obsStride: of('OBS_STRIDE'),
    outStride: of('OUT_STRIDE'),
    ownStride: of('OWN_STRIDE'),
    actionCount: of('ACTION_COUNT'),
    maskWords: of('MASK_WORDS'),
    maskBits: of('MASK_BITS'),
    obs: of('AT_OBS'),
    actorObs: of(shape.numbers?.PRIVILEGED ? 'AT_ACTOR_OBS' : 'AT_OBS'),
    oldOut: of('AT_OLD_OUT'),
    oldOwn: of('AT_OLD_OWN'),
    mask: of('AT_MASK'),
    action: of('AT_ACTION'),
    logprob: of('AT_LOGPROB'),
    value: of('AT_VALUE'),
    advantage: of('AT_ADVANTAGE'),
    return: of('AT_RETURN'),
    reward: of('AT_REWARD'),
    finalValue: of('AT_FINAL_VALUE'),
    flags: of('AT_FLAGS'),
    stride: of('RECORD_STRIDE'),
  }
}

const flagsOf = constantsIn(SHADERS.get('shaders/lib/data/transition.wgsl')!)

/** Bits of a record's flags. */
export const FLAG = {
  terminated: flagsOf('FLAG_TERMINATED'),
  truncated: flagsOf('FLAG_TRUNCATED'),
  stateNotFinite: flagsOf('FLAG_STATE_NOT_FINITE'),
  standsStill: flagsOf('FLAG_STANDS_STILL'),
  lifeLost: flagsOf('FLAG_LIFE_LOST'),
}

/** The parts of a network's shape that determine what is stored besides the observation. */
type ShapeOfActions = DistributionShape & Pick<NetworkShape, 'masked' | 'privileged'>

/**
 * The slot `shape`: sizes of the observation, of the policy's outputs, and of a stored action. Without `obsDim`, for a
 * kernel with an environment, the environment declares the first two: there `grid` says how observations are stored.
 */
export function shapeSlot(
  shape: ShapeOfActions & Partial<Pick<NetworkShape, 'obsDim' | 'observation'>>,
  grid: GridWords | null = null,
): Slot {
  const { actionCount, own, parts } = distributionOf(shape)
  const withEnv = shape.obsDim === undefined
  const packed = grid?.packed ?? isPacked(shape)
  const { privileged = 0 } = shape
  const frames = grid?.frames ?? 1
  const ends = parts.map((_, part) => parts.slice(0, part + 1).reduce((a, b) => a + b, 0))
  const constants = {
    ...(withEnv ? {} : { OBS_DIM: `${shape.obsDim}u`, ACTION_DIM: `${shape.actionDim}u` }),
    OBS_FLOATS: packed
      ? '0u'
      : privileged > 0
        ? `OBS_DIM + ${privileged}u`
        : `OBS_DIM${frames > 1 ? ` * ${frames}u` : ''}`,
    ...(withEnv ? gridConstants(grid) : {}),
    ACTION_COUNT: `${actionCount}u`,
    OWN_DIM: `${own?.count ?? 0}u`,
    MASKED: `${shape.masked ?? false}`,
    PARTS: `${parts.length}u`,
    PART_END: `array<u32, ${Math.max(parts.length, 1)}>(${ends.map((end) => `${end}u`).join(', ') || '0u'})`,
  }
  const lines = Object.entries(constants).map(([name, value]) => `const ${name} = ${value};`)
  return {
    file: 'shape (from src/plan/transition.ts)',
    source: [...(withEnv ? ['//#import "env"'] : []), ...lines].join('\n'),
    numbers: {
      ...{ PACKED: Number(packed), FLOATS: Number(!packed) },
      ...{ STACKED: Number(frames > 1), ONE_FRAME: Number(frames === 1) },
      ...{ PRIVILEGED: Number(privileged > 0), SAME_SIGHT: Number(privileged === 0) },
    },
  }
}

/** Frames that the policy sees at once; of packed ones also how they lie in words. */
function gridConstants(grid: GridWords | null): Record<string, string> {
  const { frames = 1, channels = 1, packed = false } = grid ?? {}
  const stack = { STACK_FRAMES: `${frames}u`, GRID_CHANNELS: `${channels}u` }
  if (!grid || !packed) return stack
  const { entryBits, perWord, frameWords, stackWords } = grid
  const words = { GRID_BITS: entryBits, GRID_PER_WORD: perWord, GRID_WORDS: frameWords, STACK_WORDS: stackWords }
  return { ...stack, ...Object.fromEntries(Object.entries(words).map(([name, value]) => [name, `${value}u`])) }
}

/** A mask, 0 or 1 for each choice, from its numbers `words` at `at`. */
export function readMask(words: ArrayLike<number>, at: number, { maskBits }: RecordLayout, width: number): number[] {
  return Array.from({ length: width }, (_, i) => (words[at + Math.floor(i / maskBits)] >> (i % maskBits)) & 1)
}

/** The inverse: the numbers of a record that store which entries of `mask[offset .. offset + width)` are not 0. */
export function maskWords(
  mask: ArrayLike<number>,
  offset: number,
  { maskBits, maskWords: count }: RecordLayout,
  width: number,
): number[] {
  return Array.from({ length: count }, (_, word) => {
    let bits = 0
    for (let i = word * maskBits; i < Math.min((word + 1) * maskBits, width); i++) {
      if (mask[offset + i] !== 0) bits += 2 ** (i % maskBits)
    }
    return bits
  })
}
