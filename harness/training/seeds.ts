/** The results of several seeds of one configuration: the object that `learn --json` prints. */
import { agentParams } from '../../src/options/params'
import { loadPolicy } from '../../src/policy/policyfile'
import { type CurvePoint, spreadCurve, thinCurve } from '../figures/curve'
import { interquartileMean, iqmInterval } from '../figures/population'
import {
  type AgentSummary,
  agentSummaries,
  average,
  type BestScore,
  deviation,
  meanOrNull,
  round,
} from '../figures/summary'
import { EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import type { Session } from './session'
import { summariseRun, type Trained } from './training'

export const EPISODES = 100
/** The most points of the curve in JSON; metrics.jsonl has every iteration. */
export const CURVE_POINTS = 400

export interface LearnSummary {
  env: string
  preset: string
  /** Here and in the lists below one entry per seed. */
  seeds: number[]
  /** Mean over the seeds of `evalReturns`, and standard deviation; null if a seed was not evaluated. */
  evalReturn: number | null
  evalReturnStd: number | null
  evalReturns: (number | null)[]
  /** Interquartile mean of `evalReturns`, and its 95 % interval: null below 3 seeds. */
  evalIqm: number | null
  evalIqmLow: number | null
  evalIqmHigh: number | null
  /** With `evalEvery`: the best policy of each seed. */
  best?: (BestScore | null)[]
  solvedAt: (number | null)[]
  solvedSeconds: (number | null)[]
  /** Per seed, the mean. */
  timesteps: number
  wallSeconds: number
  /** Of all seeds together. */
  sps: number
  plan: string
  adapter: string
  curve: CurvePoint[]
  out: string
}

/** The evaluation of one seed's policy. */
export interface Evaluation {
  /** Seed of the episodes; `npm run eval -- FILE --seed N` plays the same ones. */
  evalSeed: number
  meanReturn: number
  stdReturn: number
}

export interface SeedResult extends AgentSummary {
  solvedSeconds: number | null
  /** Null if its weights are not finite, and after an interruption. */
  evaluation: Evaluation | null
}

/** The results of each seed: evaluates the policies after training. */
export async function seedResults(session: Session, trained: Trained): Promise<SeedResult[]> {
  const evaluations = await evaluateSeeds(session, trained)
  return agentSummaries(session.setup, trained.rows).map((agent, k) => {
    const seconds = trained.solvedSeconds[k]
    return { ...agent, solvedSeconds: seconds === null ? null : round(seconds, 3), evaluation: evaluations[k] }
  })
}

async function evaluateSeeds(session: Session, { rows, policies }: Trained) {
  const { output, interrupted } = session
  const { spec, config } = session.setup
  if (!interrupted()) output.say(`Evaluating ${policies.length} policies, ${EPISODES} episodes each, on the CPU.`)
  const evaluations: (Evaluation | null)[] = []
  session.underWay = 'the policy that is being evaluated'
  const settings = agentParams(config.envParams, 0)
  for (const [k, file] of policies.entries()) {
    await new Promise(setImmediate) // signals are handled between the policies
    const skip = interrupted() || rows[k].at(-1)?.status === 'notFinite'
    // Further from the first seed than there can be agents, so that no agent trained with it.
    const evalSeed = (config.seed + k + EVAL_SEED) >>> 0
    const returns = skip
      ? []
      : evaluatePolicy(spec, loadPolicy(file), EPISODES, evalSeed, undefined, settings).map((e) => e.return)
    evaluations.push(skip ? null : { evalSeed, meanReturn: average(returns), stdReturn: deviation(returns) })
  }
  return evaluations
}

const rounded = ({ timesteps, mean, q25, q75 }: CurvePoint): CurvePoint => ({
  timesteps,
  mean: round(mean, 3),
  q25: round(q25, 3),
  q75: round(q75, 3),
})

export function summariseSeeds(session: Session, trained: Trained, agents: SeedResult[]): LearnSummary {
  const { setup } = session
  const { timesteps, wallSeconds, sps, plan, adapter, out } = summariseRun(session, trained)
  const evalReturns = agents.map((a) => a.evaluation?.meanReturn ?? null)
  const evalReturn = meanOrNull(evalReturns)
  const all = evalReturn === null ? null : (evalReturns as number[])
  const [evalIqmLow, evalIqmHigh] = iqmInterval(all ?? [])
  return {
    env: setup.spec.id,
    preset: setup.preset,
    seeds: agents.map((a) => a.seed),
    evalReturn,
    evalReturnStd: all && deviation(all),
    evalReturns,
    evalIqm: all && interquartileMean(all),
    ...{ evalIqmLow, evalIqmHigh },
    ...(trained.best ? { best: trained.best } : {}),
    solvedAt: agents.map((a) => a.solvedAt),
    solvedSeconds: agents.map((a) => a.solvedSeconds),
    ...{ timesteps, wallSeconds, sps, plan, adapter },
    curve: thinCurve(spreadCurve(trained.rows), CURVE_POINTS).map(rounded),
    out,
  }
}
