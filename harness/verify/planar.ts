/**
 * Steps that were recorded in MuJoCo, replayed in the twin and in the kernel, each from its recorded state; and
 * single evaluations of the forces, quantity by quantity.
 */

import { forward } from '../../envs/planar/forward'
import { type PlanarState, stateAt } from '../../envs/planar/state'
import { findEnv } from '../../envs/registry'
import { type EnvSpec, obsDim } from '../../src/env/contract'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import type { Runtime } from '../runtime/runtime'
import type { Check, Side } from './check'
import { errorOf, Spread } from './planarerrors'
import type { PlanarForward, PlanarGolden, PlanarTransition } from './planarfile'
import {
  alikeRows,
  FIELDS,
  type ForwardField,
  type ForwardNumbers,
  type KernelNumbers,
  ownNumbers,
  recordedNumbers,
  rounded,
} from './planarforward'
import { evaluateOnGpu, type Stepped, stepOnGpu } from './planargpu'
import type { Errors } from './planarmodels'
import { sitesBefore } from './planarstale'

/** A task's states before each recorded step; null where one cannot be known. */
type Starts = (PlanarState | null)[]

const TWIN: Errors = { median: 1e-12, p99: 1e-12, max: 1e-12 }
const EXACT: Errors = { median: 0, p99: 0, max: 0 }
/** Of the prototype's errors in f32, for the kernel. */
const TIMES: Errors = { median: 3, p99: 3, max: 10 }
/** The kernel's intermediate quantities: of what rounding to f32 changes in float64, and at least. */
const SENSITIVITY = 30
const FLOOR = 2 ** -20
/** Share of steps whose start may be unknown. */
const UNKNOWN = 0.1

const kernelLimits = ({ f32 }: PlanarGolden): Errors => ({
  median: TIMES.median * f32.median,
  p99: TIMES.p99 * f32.p99,
  max: TIMES.max * f32.max,
})

const recordedState = ({ model }: PlanarGolden, { q, v, w }: PlanarTransition): PlanarState => ({
  ...stateAt(model, q, v),
  warmstart: [...w],
})

const statesOf = (golden: PlanarGolden): Starts => golden.transitions.map((t) => recordedState(golden, t))

/** Where the id's reward depends on what the step before left behind, that is computed from the recorded state. */
function statesOfOther(golden: PlanarGolden): Starts {
  const { model } = golden
  if (golden.other !== 'Reacher-v4') return statesOf(golden)
  return golden.transitions.map((t) => {
    const sites = sitesBefore(model, t)
    return sites && { ...recordedState(golden, t), sites }
  })
}

/** All steps of one id, with the rewards of one rule. */
interface Replay {
  spec: EnvSpec
  starts: Starts
  /** Compared besides rewards. */
  states: boolean
  rewards: 'r' | 'r4'
}

function replaysOf(golden: PlanarGolden): Replay[] {
  const { id, other, rewards, transitions } = golden
  const own = { spec: findEnv(id), starts: statesOf(golden), states: true, rewards }
  if (other === null || transitions[0].r4 === undefined) return [own]
  return [own, { spec: findEnv(other), starts: statesOfOther(golden), states: false, rewards: 'r4' }]
}

function stepOnTwin(spec: EnvSpec, start: PlanarState, { a }: PlanarTransition): Stepped {
  const state = structuredClone(start) as unknown as Record<string, number>
  const params = defaultParams(spec)
  const { reward, terminated } = spec.twin!.step(state, a, makeRng(0, 0, STREAM.ENV_STEP, 0), params)
  const obs = new Float64Array(obsDim(spec))
  spec.twin!.observe(state, obs, 0, params)
  const { qpos, qvel } = state as unknown as PlanarState
  return { states: [...qpos, ...qvel], obs, reward, terminated: Number(terminated) }
}

function stepChecks(golden: PlanarGolden, side: Side, replay: Replay, stepped: (Stepped | null)[]): Check[] {
  const limits = side === 'reference' ? TWIN : kernelLimits(golden)
  const missing = stepped.filter((one) => one === null).length
  const remark =
    missing > 0 ? `; ${missing} of ${stepped.length} left out: the step before them, which counts here, is unknown` : ''
  const rewards = new Spread(`rewards of ${replay.spec.id} (${replay.rewards})`, side, limits, remark)
  const [states, obs] = ['states', 'obs'].map((name) => new Spread(name, side, limits))
  const terminated = new Spread('terminated', side, EXACT)
  for (const [i, got] of stepped.entries()) {
    if (!got) continue
    const t = golden.transitions[i]
    const where = `transitions[${i}]`
    states.take(where, got.states, [...t.q2, ...t.v2])
    obs.take(where, got.obs, t.o)
    terminated.take(where, [got.terminated], [t.te])
    rewards.take(where, [got.reward], [t[replay.rewards]!])
  }
  const reward = rewards.check()
  const known = { ...reward, ok: reward.ok && missing <= UNKNOWN * stepped.length }
  return replay.states ? [states.check(), obs.check(), known, terminated.check()] : [known]
}

const zeros = ({ model }: PlanarGolden): number[] => model.joints.map(() => 0)
const evaluated = (golden: PlanarGolden, { q, v, ctrl }: PlanarForward): ForwardNumbers =>
  ownNumbers(forward(golden.model, q, v, ctrl, zeros(golden)))

function forwardChecks(golden: PlanarGolden, side: Side, found: KernelNumbers[]): Check[] {
  const limits = side === 'reference' ? () => TWIN : sensitivities(golden)
  return FIELDS.filter((field) => field in found[0]).map((field) => {
    const spread = new Spread(`forward ${field}`, side, limits(field))
    for (const [i, entry] of golden.forward.entries()) {
      const wanted = recordedNumbers(golden.model, entry)
      const got = alikeRows(found[i] as ForwardNumbers, wanted)
      const [own, theirs] = [got[field], wanted[field]].map((list) => relative(field, list, wanted[field]))
      spread.take(`forward[${i}]`, own, theirs)
    }
    return spread.check()
  })
}

/**
 * Results of a system of equations are as exact as its largest: a small one among accelerations of thousands has the same
 * absolute error as they.
 */
const SOLVED: readonly ForwardField[] = ['qacc_smooth', 'qacc', 'efc_force']

/** The numbers over the largest of the recorded ones, where they are solutions of one system. */
function relative(field: ForwardField, list: number[], wanted: number[]): number[] {
  if (!SOLVED.includes(field)) return list
  const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 1)
  return list.map((x) => x / largest)
}

/**
 * Limits of the kernel's intermediate quantities. No f32 computation can know them better than numbers rounded to f32
 * determine them: each may be off by 30 times what changes in the twin when inputs, mass matrix, forces and rows are rounded.
 */
function sensitivities({ model, forward: entries }: PlanarGolden): (field: ForwardField) => Errors {
  const most = Object.fromEntries(FIELDS.map((field) => [field, 0])) as Record<ForwardField, number>
  for (const { q, v, ctrl } of entries) {
    const [start, round] = [q.map(() => 0), (list: number[]) => list.map(Math.fround)]
    const exact = ownNumbers(forward(model, q, v, ctrl, start))
    const near = ownNumbers(rounded(forward(model, round(q), round(v), round(ctrl), start)))
    for (const field of FIELDS) {
      const [a, b] = [near, exact].map((numbers) => relative(field, numbers[field], exact[field]))
      if (a.length !== b.length) continue
      most[field] = a.reduce((largest, x, i) => Math.max(largest, errorOf(x, b[i])), most[field])
    }
  }
  return (field) => {
    const limit = SENSITIVITY * most[field] + FLOOR
    return { median: limit, p99: limit, max: limit }
  }
}

export function verifyPlanarReference(golden: PlanarGolden): Check[] {
  const steps = replaysOf(golden).flatMap((replay) => {
    const stepped = replay.starts.map((start, i) => start && stepOnTwin(replay.spec, start, golden.transitions[i]))
    return stepChecks(golden, 'reference', replay, stepped)
  })
  return [
    ...steps,
    ...forwardChecks(
      golden,
      'reference',
      golden.forward.map((entry) => evaluated(golden, entry)),
    ),
  ]
}

export async function verifyPlanarGpu(golden: PlanarGolden, runtime: Runtime): Promise<Check[]> {
  const checks: Check[] = []
  for (const replay of replaysOf(golden)) {
    const known = replay.starts.flatMap((start, i) => (start ? [{ start, action: golden.transitions[i].a, i }] : []))
    const results = await stepOnGpu(replay.spec, known, (run) => runtime.call('runKernel', run))
    const stepped = replay.starts.map((): Stepped | null => null)
    for (const [row, { i }] of known.entries()) stepped[i] = results[row]
    checks.push(...stepChecks(golden, 'gpu', replay, stepped))
  }
  const found = await evaluateOnGpu(golden, (run) => runtime.call('runKernel', run))
  return [...checks, ...forwardChecks(golden, 'gpu', found)]
}
