/**
 * Compares the kernel with its CPU twin, one step at a time from the kernel's own states, so that errors do not add up.
 */
import { actionCount, actionDim, type EnvTwin, obsDim } from '../env/contract'
import { episodeParams, type ParamValues, wholeRange } from '../env/params'
import { makeRng, STREAM } from '../env/rng'
import { actionForEnv } from '../reference/step_envs'
import { agrees, Compare, type Outcome, type Quantity, tell } from './compare'
import { numbers } from './draws'
import { circumstances, type Subject } from './kernel'
import { MAX_DRAWS } from './report'
import { numberOf, readState, readWord, type StateObject, setNumber } from './state'
import type { Resets, Step } from './transitions'

/** Largest share of steps that may differ because the twin is discontinuous within the rounding of their state. */
const MAX_BORDERLINE = 1e-3

/** Compares transitions with the twin, and collects the differences. */
export class TwinCheck {
  readonly maxError = { state: 0, observation: 0, reward: 0 }
  private readonly twin: EnvTwin<StateObject>
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
    this.twin = subject.spec.twin as unknown as EnvTwin<StateObject>
    this.tolerance = subject.spec.tolerance ?? 1e-6
    this.compare = new Compare(subject, this.tolerance, scales)
  }

  /**
   * Checks that the twin's initial state has the fields of EnvState, in order, and its functions return valid values.
   */
  checkShape(): boolean {
    const { words, findings } = this.subject
    const wrong = (message: string) => findings.add('twin shape', message, () => message)
    const params = this.paramsOf(this.seed, 0)
    const state = this.twin.reset(makeRng(this.seed, 0, STREAM.ENV_RESET, 0), params)
    const fields = [...new Set(words.map(({ path }) => `${path[0]}`))]
    const given = typeof state === 'object' && state !== null ? Object.keys(state) : []
    if (given.join() !== fields.join()) {
      wrong(
        `twin.reset: its state has ${given.join(', ') || 'no fields'}, EnvState ${fields.join(', ')}. Use the same.`,
      )
      return false
    }
    for (const word of words) {
      if (numberOf(state, word) === undefined) wrong(`twin.reset: state.${word.name} is not a number. Make it one.`)
    }
    const actions = this.subject.spec.actionSpace
    const action =
      actions.kind === 'box' ? actions.low : Array.from({ length: actionCount(this.subject.spec) }, () => 0)
    const result: unknown = this.twin.step(state, action, makeRng(this.seed, 0, STREAM.ENV_STEP, 0), params)
    const { reward, terminated } = (result ?? {}) as { reward?: unknown; terminated?: unknown }
    if (typeof reward !== 'number') wrong(`twin.step: reward is ${reward}. Return { reward, terminated }.`)
    if (typeof terminated !== 'boolean') {
      wrong(`twin.step: terminated is ${terminated}, not true or false. Return { reward, terminated }.`)
    }
    const guarded = this.observe(state, params)
    const inside = guarded.subarray(1, -1)
    const left = inside.findIndex((x) => Number.isNaN(x))
    if (left >= 0) wrong(`twin.observe: entry ${left} is not written, or is NaN. Write obs[offset + ${left}].`)
    if (!Number.isNaN(guarded[0]) || !Number.isNaN(guarded[guarded.length - 1])) {
      wrong(`twin.observe: writes outside of obs[offset .. offset + ${inside.length}). Start at offset.`)
    }
    if (this.twin.mask) {
      const mask = new Float64Array(actionDim(this.subject.spec)).fill(Number.NaN)
      this.twin.mask(state, mask, 0, params)
      const bad = mask.findIndex((entry) => entry !== 0 && entry !== 1)
      if (bad >= 0) wrong(`twin.mask: entry ${bad} is ${mask[bad]}, not 0 or 1. Write out[offset + ${bad}].`)
    }
    return !findings.has('twin shape')
  }

  checkResets(resets: Resets, numEnvs: number): void {
    const { spec, stateSize, findings, places } = this.subject
    for (let i = 0; i < resets.states.length / stateSize; i++) {
      const seed = (this.seed + Math.floor(i / numEnvs)) >>> 0
      const params = this.paramsOf(seed, i % numEnvs)
      const draw = () => {
        const rng = makeRng(seed, 0, STREAM.ENV_RESET, i % numEnvs)
        return { state: this.twin.reset(rng, params), draws: rng.draw }
      }
      const { state, draws } = draw()
      this.checkRepeats('reset', state, draw().state)
      if (draws > MAX_DRAWS) this.tooManyDraws('reset', draws)
      if (draws !== resets.draws[i]) {
        const where = `reset with seed ${seed}, env ${i % numEnvs}`
        findings.add('draws', 'twin.reset', () => this.otherDraws(where, 'reset', resets.draws[i], draws))
      }
      const obs = this.observe(state, params).subarray(1, -1)
      const entries = resets.obs.subarray(i * obsDim(spec), (i + 1) * obsDim(spec))
      for (const q of [...this.compare.states(resets.states, i, state), ...this.compare.observations(entries, obs)]) {
        if (agrees(q)) this.measure(q)
        else {
          findings.add('twin reset', q.name, () => {
            return (
              `reset with seed ${seed}, env ${i % numEnvs}: ${tell(q)}. Make env_reset (${places.env_reset}) and twin.reset ` +
              'draw the same numbers in the same order, and observe the same.'
            )
          })
        }
      }
    }
  }

  checkStep(step: Step, env: number): void {
    this.steps++
    const before = readState(this.subject.words, step.before, env * this.subject.stateSize)
    this.checkMask(step, env, before)
    const outcome = this.act(step, env, before)
    const again = this.act(step, env, readState(this.subject.words, step.before, env * this.subject.stateSize))
    this.checkRepeats('step', { ...outcome }, { ...again })
    if (outcome.draws > MAX_DRAWS) this.tooManyDraws('step', outcome.draws)
    const quantities = this.compare.step(step, env, outcome)
    const wrong = quantities.filter((q) => !agrees(q))
    if (wrong.length === 0) for (const q of quantities) this.measure(q)
    else this.different.push({ quantities: wrong, step, env, jumps: this.jumps(step, env) })
  }

  private checkMask(step: Step, env: number, state: StateObject): void {
    const { spec, findings, places } = this.subject
    if (!step.masks || !this.twin.mask) return
    const width = actionDim(spec)
    const mask = new Float64Array(width)
    this.twin.mask(state, mask, 0, this.paramsOf((this.seed + step.step) >>> 0, env))
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
    const place = quantity.group === 'observation' ? 'env_observe' : 'env_step'
    const never = quantity.group === 'terminated' && this.scales.get('terminated') !== 1
    findings.add('twin step', quantity.name, () => {
      return (
        `${where}: ${tell(quantity)}, ${circumstances(this.subject, step, env)}. ` +
        `Compare ${place} (${places[place]}) with twin.${place.slice(4)}.` +
        (never ? ' The kernel never terminated an episode: is the second member of StepResult written?' : '')
      )
    })
  }

  private act(step: Step, env: number, state: StateObject): Outcome {
    const { spec, actionSize } = this.subject
    const seed = (this.seed + step.step) >>> 0
    const rng = makeRng(seed, 0, STREAM.ENV_STEP, env)
    const params = this.paramsOf(seed, env)
    const action = actionForEnv(spec.actionSpace, step.actions, env * actionSize)
    const { reward, terminated } = this.twin.step(state, action, rng, params)
    return { state, obs: this.observe(state, params).subarray(1, -1), reward, terminated, draws: rng.draw }
  }

  /** Parameters drawn from their whole ranges, as the kernels of a check draw them. */
  private paramsOf(seed: number, env: number): ParamValues {
    return episodeParams(this.subject.spec, wholeRange(this.subject.spec), seed, 0, env)
  }

  /** The observation between two guard values; all are NaN before. */
  private observe(state: StateObject, params: ParamValues): Float64Array {
    const obs = new Float64Array(obsDim(this.subject.spec) + 2).fill(Number.NaN)
    this.twin.observe(state, obs, 1, params)
    return obs
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
        // The shift also changes everything else a little.
        return this.compare.step(step, env, this.act(step, env, state)).every((q) => agrees(q, 4))
      })
    })
  }

  private measure({ group, difference }: Quantity): void {
    if (group !== 'terminated' && group !== 'draws')
      this.maxError[group] = Math.max(this.maxError[group], Math.abs(difference))
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

  private checkRepeats(name: string, once: unknown, again: unknown): void {
    if (JSON.stringify(once) === JSON.stringify(again)) return
    this.subject.findings.add('determinism', `twin.${name}`, () => {
      return `twin.${name}: the same arguments give different results. Use nothing but state, action and rng.`
    })
  }
}
