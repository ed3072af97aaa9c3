/**
 * Compares the kernel with its CPU twin, one step at a time from the kernel's own states, so that errors do not add up.
 */
import { actionDim, type EnvSpec, endCode, observeName } from '../env/contract'
import { episodeParams, type ParamValues, wholeRange } from '../env/params'
import { makeRng, STREAM } from '../env/rng'
import { distributionFor, distributionOf } from '../model/distributions/table'
import { actionForEnv } from '../reference/step_envs'
import { Compare, type Comparison, type Outcome, type Quantity, tell } from './compare'
import { numbers } from './draws'
import { GuardedTwin, type Tell, TwinFault } from './guarded'
import { circumstances, type Subject } from './kernel'
import { MAX_DRAWS } from './report'
import { readState, readWord, type StateObject, setNumber } from './state'
import type { Resets, Step } from './transitions'

/** Largest share of steps that may differ because the twin is discontinuous within the rounding of their state. */
const MAX_BORDERLINE = 1e-3

/** Compares transitions with the twin, and collects the differences. */
export class TwinCheck {
  readonly maxError = { state: 0, observation: 0, reward: 0 }
  private readonly twin: GuardedTwin
  private readonly tolerance: number
  private readonly compare: Compare
  private steps = 0
  private readonly different: { quantities: Quantity[]; step: Step; env: number; jumps: boolean }[] = []

  /** @param scales Largest value of every quantity, by name: limits are relative to it, if it is above 1. */
  constructor(
    private readonly subject: Subject,
    private readonly seed: number,
    private readonly scales: ReadonlyMap<string, number>,
  ) {
    this.twin = new GuardedTwin(subject.spec, subject.words)
    this.tolerance = subject.spec.tolerance ?? 1e-6
    this.compare = new Compare(subject, this.tolerance, scales)
  }

  /**
   * Checks that the twin's initial state has the fields of EnvState, in order, and its functions return valid values.
   */
  checkShape(): boolean {
    const { spec, words } = this.subject
    const params = this.paramsOf(this.seed, 0)
    const fields = [...new Set(words.map(({ path }) => `${path[0]}`))]
    return this.noting(() => {
      const start = this.atReset(0, 0)
      const state = new GuardedTwin(spec, []).reset(start, makeRng(this.seed, 0, STREAM.ENV_RESET, 0), params)
      const given = Object.keys(state)
      if (given.join() !== fields.join()) {
        throw new TwinFault('twin shape', 'fields', () => {
          return `twin.reset: its state has ${given.join(', ') || 'no fields'}, EnvState ${fields.join(', ')}. Use the same.`
        })
      }
      this.twin.reset(start, makeRng(this.seed, 0, STREAM.ENV_RESET, 0), params)
      this.twin.observe(start, state, params)
      const action = firstAction(spec, this.twin.mask(start, state, params))
      const first: Tell = () => ({ where: 'step 0, env 0' })
      this.twin.step(first, state, action, makeRng(this.seed, 0, STREAM.ENV_STEP, 0), params)
      this.twin.observe(first, state, params)
    })
  }

  checkResets(resets: Resets, numEnvs: number): void {
    for (let i = 0; i < resets.states.length / this.subject.stateSize; i++) {
      this.noting(() => this.checkReset(resets, i, numEnvs))
    }
  }

  private checkReset(resets: Resets, i: number, numEnvs: number): void {
    const { findings, places } = this.subject
    const [k, env] = [Math.floor(i / numEnvs), i % numEnvs]
    const seed = (this.seed + k) >>> 0
    const params = this.paramsOf(seed, env)
    const draw = () => {
      const rng = makeRng(seed, 0, STREAM.ENV_RESET, env)
      return { state: this.twin.reset(this.atReset(k, env), rng, params), draws: rng.draw }
    }
    const { state, draws } = draw()
    this.checkRepeats('reset', JSON.stringify(state) === JSON.stringify(draw().state))
    if (draws > MAX_DRAWS) this.tooManyDraws('reset', draws)
    if (draws !== resets.draws[i]) {
      const where = `reset with seed ${seed}, env ${env}`
      findings.add('draws', 'twin.reset', () => this.otherDraws(where, 'reset', resets.draws[i], draws))
    }
    const obs = this.twin.observe(this.atReset(k, env), state, params)
    const { wrong, maxError } = this.compare.reset(resets.states, i, state, resets.obs, obs)
    this.measure(maxError)
    for (const q of wrong) {
      findings.add(
        'twin reset',
        q.name,
        () =>
          `reset with seed ${seed}, env ${env}: ${tell(q)}. Make env_reset (${places.env_reset}) and twin.reset ` +
          'draw the same numbers in the same order, and observe the same.',
        q.group,
      )
    }
  }

  checkStep(step: Step, env: number): void {
    this.steps++
    this.noting(() => {
      const { words, stateSize } = this.subject
      const before = () => readState(words, step.before, env * stateSize)
      this.checkMask(step, env, before())
      const outcome = this.act(step, env, before())
      this.checkRepeats('step', isSame(outcome, this.act(step, env, before())))
      if (outcome.draws > MAX_DRAWS) this.tooManyDraws('step', outcome.draws)
      const { wrong, maxError } = this.compare.step(step, env, outcome)
      if (wrong.length === 0) this.measure(maxError)
      else this.different.push({ quantities: wrong, step, env, jumps: this.jumps(step, env) })
    })
  }

  private checkMask(step: Step, env: number, state: StateObject): void {
    const { spec, findings, places } = this.subject
    if (!step.masks) return
    const width = actionDim(spec)
    const mask = this.twin.mask(this.atStep(step, env), state, this.paramsOf((this.seed + step.step) >>> 0, env))
    if (!mask) return
    const kernel = step.masks.subarray(env * width, (env + 1) * width)
    const other = kernel.findIndex((entry, i) => (entry !== 0) !== (mask[i] !== 0))
    if (other < 0) return
    findings.add('twin step', 'mask', () => {
      return (
        `step ${step.step}, env ${env}: the mask's entry ${other} is ${kernel[other]} in the kernel, ${mask[other]} in the twin, ` +
        `${circumstances(this.subject, step, env)}. Compare env_mask (${places.env_mask}) with twin.mask.`
      )
    })
  }

  /** To be called last. Returns how many steps were left out because the twin is discontinuous there. */
  finish(): number {
    const edges = this.different.filter(({ jumps }) => jumps).length
    const few = edges <= Math.ceil(MAX_BORDERLINE * this.steps)
    for (const { quantities, step, env, jumps } of this.different) {
      if (!(jumps && few)) for (const quantity of quantities) this.differs(quantity, step, env)
    }
    return few ? edges : 0
  }

  private differs(quantity: Quantity, step: Step, env: number): void {
    const { findings, places } = this.subject
    const where = `step ${step.step}, env ${env}`
    if (quantity.group === 'draws') {
      const { kernel, twin } = quantity
      findings.add('draws', 'twin.step', () => {
        return this.otherDraws(where, 'step', kernel, twin, `, ${circumstances(this.subject, step, env)}`)
      })
      return
    }
    const { group } = quantity
    const [place, twin] =
      group === 'privileged'
        ? ['env_privileged', 'privileged']
        : group === 'observation'
          ? [observeName(this.subject.spec), 'observe']
          : ['env_step', 'step']
    const never = quantity.group === 'terminated' && this.scales.get('terminated') !== 1
    findings.add(
      'twin step',
      quantity.name,
      () =>
        `${where}: ${tell(quantity)}, ${circumstances(this.subject, step, env)}. ` +
        `Compare ${place} (${places[place]}) with twin.${twin}.` +
        (never ? ' The kernel never terminated an episode: is the second member of StepResult written?' : ''),
      quantity.group,
    )
  }

  private act(step: Step, env: number, state: StateObject): Outcome {
    const { spec, actionSize } = this.subject
    const seed = (this.seed + step.step) >>> 0
    const rng = makeRng(seed, 0, STREAM.ENV_STEP, env)
    const params = this.paramsOf(seed, env)
    const action = actionForEnv(spec.actionSpace, step.actions, env * actionSize)
    const at = this.atStep(step, env)
    const result = this.twin.step(at, state, action, rng, params)
    const obs = this.twin.observe(at, state, params)
    return { state, obs, reward: result.reward, terminated: endCode(result), draws: rng.draw }
  }

  private atStep(step: Step, env: number): Tell {
    return () => ({ where: `step ${step.step}, env ${env}`, from: circumstances(this.subject, step, env) })
  }

  private atReset(k: number, env: number): Tell {
    return () => ({ where: `reset ${k} (seed ${(this.seed + k) >>> 0}), env ${env}` })
  }

  /** Whether `check` ends without a fault of the twin, which is noted. */
  private noting(check: () => void): boolean {
    try {
      check()
      return true
    } catch (error) {
      if (!(error instanceof TwinFault)) throw error
      this.subject.findings.add(error.check, error.key, error.tell)
      return false
    }
  }

  /** Parameters drawn from their whole ranges, as the kernels of a check draw them. */
  private paramsOf(seed: number, env: number): ParamValues {
    return episodeParams(this.subject.spec, wholeRange(this.subject.spec), seed, 0, env)
  }

  /**
   * Whether the twin does the same as the kernel from a state that differs by rounding: the step is at a discontinuity.
   */
  private jumps(step: Step, env: number): boolean {
    const { words, stateSize } = this.subject
    const at = env * stateSize
    return words.some((word) => {
      const value = readWord(word, step.before, at)
      // Counters and other integers are exact on both sides.
      if (word.kind !== 'f32' || Number.isInteger(value)) return false
      const shift = this.tolerance * Math.max(1, Math.abs(value))
      return [-shift, shift].some((by) => {
        const state = readState(words, step.before, at)
        setNumber(state, word, value + by)
        return this.agreesFrom(step, env, state)
      })
    })
  }

  private agreesFrom(step: Step, env: number, state: StateObject): boolean {
    try {
      // The shift also changes everything else a little.
      return this.compare.step(step, env, this.act(step, env, state), 4).wrong.length === 0
    } catch (error) {
      if (error instanceof TwinFault) return false
      throw error
    }
  }

  private measure({ state, observation, reward }: Comparison['maxError']): void {
    const { maxError } = this
    maxError.state = Math.max(maxError.state, state)
    maxError.observation = Math.max(maxError.observation, observation)
    maxError.reward = Math.max(maxError.reward, reward)
  }

  private otherDraws(where: string, name: 'reset' | 'step', kernel: number, twin: number, from = ''): string {
    return (
      `${where}: env_${name} drew ${numbers(kernel)}, twin.${name} ${twin}${from}. Draw the same numbers in the same order in ` +
      `env_${name} (${this.subject.places[`env_${name}`]}) and twin.${name}.`
    )
  }

  private tooManyDraws(name: string, draws: number): void {
    this.subject.findings.add('twin shape', `${name} draws`, () => {
      return `twin.${name}: draws ${draws} random numbers; after ${MAX_DRAWS} they repeat. Draw fewer.`
    })
  }

  private checkRepeats(name: string, same: boolean): void {
    if (same) return
    this.subject.findings.add('determinism', `twin.${name}`, () => {
      return `twin.${name}: the same arguments give different results. Use nothing but state, action and rng.`
    })
  }
}

/** The lowest action of a box, or the first choice of each part that `mask` allows. */
function firstAction({ actionSpace }: EnvSpec, mask: Float64Array | null): ArrayLike<number> {
  if (actionSpace.kind === 'box') return actionSpace.low
  let first = 0
  return distributionOf(distributionFor(actionSpace)).parts.map((n) => {
    const allowed = mask?.subarray(first, (first += n)).indexOf(1) ?? 0
    return Math.max(0, allowed)
  })
}

const isSame = (a: Outcome, b: Outcome): boolean =>
  Object.is(a.reward, b.reward) &&
  a.terminated === b.terminated &&
  a.draws === b.draws &&
  a.obs.every((x, i) => Object.is(x, b.obs[i])) &&
  JSON.stringify(a.state) === JSON.stringify(b.state)
