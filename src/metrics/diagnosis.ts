/**
 * Why a run does not learn, in words, from its rows of metrics. The limits are far from what runs show that learn
 * (test/unit/diagnosis.test.ts has the rows of the presets), and what is common in them counts only while the return is
 * no better than at the beginning.
 */
import type { EnvSpec } from '../env/contract'
import type { MetricsRow } from '../metrics'
import type { PpoConfig } from '../options/options'
import { gainOf, mean, median, returnsOf } from './progress'

/** What is wrong. */
export interface Finding {
  id: FindingId
  /** A sentence: what the rows show, and what to try. */
  text: string
  /** Its paragraph in the documents, from the root of the repository. */
  link: string
}

const PAGE = 'docs/troubleshooting.md'
const ANCHORS = {
  kl: 'kl-is-far-above-its-target',
  clipping: 'more-than-half-of-the-samples-are-clipped',
  entropy: 'entropy-is-near-0-early',
  episodes: 'no-episode-has-finished',
  critic: 'explained-variance-is-below-0',
  gradient: 'every-gradient-is-clipped',
  flat: 'the-return-stays-flat',
} as const
export type FindingId = keyof typeof ANCHORS

/** Facts of an environment that matter here. */
export type DiagnosedEnv = Pick<EnvSpec, 'actionSpace' | 'rewardThreshold' | 'maxEpisodeSteps'>

/** A usual KL of an iteration, and how far above it or a target is far. */
const USUAL_KL = 0.02
const FAR = 3
/**
 * Shares of the run: until which it is early, and from when an episode should have finished, the critic predict something,
 * and the return be better.
 */
const EARLY = 0.5
const DUE = 0.25
const GAIN_DUE = 0.3
/** A gain of the return, in standard deviations of its first episodes, from which it is more than noise. */
const LEARNS = 0.5
/** Of the largest entropy of discrete actions; and the deviation of continuous ones, of half the width of the box. */
const LITTLE_ENTROPY = 0.02
const LITTLE_DEVIATION = 0.02

interface Seen {
  rows: readonly MetricsRow[]
  last: MetricsRow
  config: PpoConfig
  env: DiagnosedEnv
  /** Share of the run that is over. */
  done: number
  /** Gain of the return since the first episodes, in their standard deviations; null while it is not known. */
  gain: number | null
}

const short = (x: number): string => String(Number(x.toPrecision(2)))
const whole = (x: number): string => Math.round(x).toLocaleString('en-US')
const latest = (rows: readonly MetricsRow[], n: number): readonly MetricsRow[] | null =>
  rows.length < n ? null : rows.slice(-n)
const stillLearns = ({ gain }: Seen): boolean => gain === null || gain > LEARNS

function farKl({ rows, config }: Seen): string | null {
  const penalty = config.algorithm === 'penalty'
  // The coefficient of the penalty doubles or halves in each iteration until it fits.
  const recent = latest(rows, penalty ? 20 : 5)
  const target = config.targetKl ?? (config.adaptiveLr ? config.desiredKl : null)
  const limit = FAR * (target ?? USUAL_KL)
  const kl = recent && mean(recent.map((row) => (penalty || config.adaptiveLr ? row.kl : row.approxKl)))
  if (kl === null || !(kl > limit)) return null
  const than = target === null ? `about ${USUAL_KL} is usual` : `its target is ${target}`
  const ways = target === null ? 'lower learningRate, or set targetKl' : 'lower learningRate or updateEpochs'
  return `The policy changes too much in an iteration (KL ${short(kl)}; ${than}): ${ways}.`
}

function clipping({ rows, config }: Seen): string | null {
  if (config.algorithm === 'penalty') return null
  const recent = latest(rows, 5)
  const share = recent && mean(recent.map((row) => row.clipfrac))
  if (share === null || !(share > 0.5)) return null
  return `${Math.round(100 * share)} % of the samples are clipped, so most of the batch teaches nothing: lower learningRate or updateEpochs.`
}

function noExploring(seen: Seen): string | null {
  const { rows, last, config, env, done } = seen
  const recent = latest(rows, 5)
  if (!recent || done > EARLY) return null
  const entropy = mean(recent.map((row) => row.entropy))
  const space = env.actionSpace
  const advice = 'It stopped exploring early: lower learningRate, or raise entCoef'
  if (space.kind === 'box') {
    const halves = space.low.map((low, i) => (config.scaleActions ? 1 : (space.high[i] - low) / 2))
    // Of a normal number: 0.5 ln(2 pi e) + ln(deviation).
    const logDeviation = entropy / halves.length - 0.5 * Math.log(2 * Math.PI * Math.E)
    const share = Math.exp(logDeviation - mean(halves.map(Math.log)))
    if (stillLearns(seen) || !(share < LITTLE_DEVIATION)) return null
    return `${advice} (its actions deviate by ${short(100 * share)} % of their range).`
  }
  const most = mean([
    space.kind === 'discrete' ? Math.log(space.n) : space.nvec.reduce((sum, n) => sum + Math.log(n), 0),
  ])
  const isGood =
    env.rewardThreshold !== null && (last.episodicReturn ?? Number.NEGATIVE_INFINITY) >= env.rewardThreshold
  const learns = env.rewardThreshold === null && stillLearns(seen)
  if (isGood || learns || !(entropy < LITTLE_ENTROPY * most)) return null
  return `${advice} (entropy ${short(entropy)} of at most ${short(most)}).`
}

function noEpisode({ rows, last, config, env, done }: Seen): string | null {
  const isOver = last.status !== 'running'
  if (rows[0].iteration > 1 || rows.some((row) => row.episodes > 0) || (done < DUE && !isOver)) return null
  const { maxEpisodeSteps } = env
  const seen = `No episode has finished in ${whole(last.timesteps)} steps, so there is no return: `
  if (maxEpisodeSteps === null) return `${seen}there is no time limit. Train for more steps, or use fewer environments.`
  return (
    `${seen}one lasts up to ` +
    `${whole(maxEpisodeSteps)} steps in each of ${whole(config.numEnvs)} environments. Train for more than ` +
    `${whole(maxEpisodeSteps * config.numEnvs)} steps, or use fewer environments.`
  )
}

function badCritic(seen: Seen): string | null {
  const recent = latest(seen.rows, 20)
  const known = recent?.flatMap(({ explainedVariance }) => explainedVariance ?? []) ?? []
  if (known.length < 10 || seen.done < DUE || stillLearns(seen)) return null
  const middle = median(known)
  if (!(middle < 0)) return null
  return `The critic predicts worse than a constant (explained variance ${short(middle)}): raise vfCoef, or set normReward=true where rewards are large.`
}

function clippedGradient(seen: Seen): string | null {
  const { rows, config } = seen
  const stepped = latest(rows, 20)?.filter((row) => row.updates > 0) ?? []
  if (stepped.length < 10 || seen.done < DUE || stillLearns(seen)) return null
  const norms = stepped.map((row) => row.gradNorm)
  if (!norms.every((norm) => norm > config.maxGradNorm)) return null
  return `Every gradient is clipped (norm ${short(median(norms))}, maxGradNorm ${config.maxGradNorm}) and nothing is learned: raise maxGradNorm, or set normReward=true.`
}

function flatReturn({ rows, done, gain, env, last }: Seen): string | null {
  if (gain === null || gain > LEARNS || done < GAIN_DUE || rows.length < 20) return null
  const now = returnsOf(rows.slice(-100), 10, 'last')!
  if (env.rewardThreshold !== null && now.mean >= env.rewardThreshold) return null
  const { mean: first } = returnsOf(rows, 5, 'first')!
  if (now.std === 0 && now.mean === first) {
    return `Every episode has returned ${short(first)} in ${whole(last.timesteps)} steps, so nothing tells good actions from bad: raise entCoef, train longer, or reward steps on the way.`
  }
  return `The return is no better than at the beginning (${short(first)}, now ${short(now.mean)}): begin with the environment's preset, then try another learningRate, entCoef or normObs=true.`
}

const CHECKS: Record<FindingId, (seen: Seen) => string | null> = {
  kl: farKl,
  clipping,
  entropy: noExploring,
  episodes: noEpisode,
  critic: badCritic,
  gradient: clippedGradient,
  flat: flatReturn,
}

/** Causes come first; more would not help. */
const MOST = 3

/**
 * What is wrong with a run, at its last row: none to three findings, the likeliest cause first. A solved run and one with a
 * number that is not finite have none.
 * @param rows Of one agent, in order: all, or the first 100 and the latest 100 (`keepRow`). Without the first ones less is
 * found.
 * @param config Of this agent.
 */
export function diagnose(rows: readonly MetricsRow[], config: PpoConfig, env: DiagnosedEnv): Finding[] {
  const last = rows.at(-1)
  if (!last || last.solvedAt !== null || last.status === 'notFinite') return []
  const seen: Seen = { rows, last, config, env, done: last.timesteps / config.totalTimesteps, gain: gainOf(rows) }
  return (Object.keys(CHECKS) as FindingId[])
    .flatMap((id) => {
      const text = CHECKS[id](seen)
      return text === null ? [] : [{ id, text, link: `${PAGE}#${ANCHORS[id]}` }]
    })
    .slice(0, MOST)
}
