/** A twin whose every call is guarded: it may throw, or return what it should not. */

import { actionDim, type EnvSpec, type EnvTwin, entryName, isPacked, obsDim, type StepResult } from '../env/contract'
import type { ParamValues } from '../env/params'
import type { Rng } from '../env/rng'
import { show } from '../options/show'
import { numberOf, type StateObject, type StateWord } from './state'

/** What a twin did wrong, for `Findings.add`. */
export class TwinFault extends Error {
  override name = 'TwinFault'

  constructor(
    readonly check: 'twin throws' | 'twin finite' | 'twin shape',
    readonly key: string,
    readonly tell: () => string,
  ) {
    super(key)
  }
}

/** Where a call of the twin is made, such as `step 3, env 0`, and from what. */
export interface Occasion {
  where: string
  /** `, from x 1, y 2 with action 0` */
  from?: string
}
export type Tell = () => Occasion

export class GuardedTwin {
  private readonly twin: EnvTwin<StateObject>
  private readonly width: number

  constructor(
    private readonly spec: EnvSpec,
    private readonly words: readonly StateWord[],
  ) {
    this.twin = spec.twin as unknown as EnvTwin<StateObject>
    this.width = obsDim(spec)
  }

  reset(tell: Tell, rng: Rng, params: ParamValues, previous?: StateObject): StateObject {
    const state = this.guard('reset', tell, () => this.twin.reset(rng, params, previous))
    if (typeof state !== 'object' || state === null) {
      this.fault(
        'twin shape',
        'reset',
        tell,
        `the state is ${show(state)}`,
        'Return an object with the fields of EnvState.',
      )
    }
    this.checkState('reset', tell, state)
    return state
  }

  step(tell: Tell, state: StateObject, action: ArrayLike<number>, rng: Rng, params: ParamValues): StepResult {
    const result: unknown = this.guard('step', tell, () => this.twin.step(state, action, rng, params))
    const RETURN = 'Return { reward, terminated }, a number and true or false.'
    if (typeof result !== 'object' || result === null) {
      this.fault('twin shape', 'step', tell, `the result is ${show(result)}`, RETURN)
    }
    const { reward, terminated } = result as Partial<StepResult>
    if (typeof reward !== 'number')
      this.fault('twin shape', 'step', tell, `reward is ${show(reward)}, not a number`, RETURN)
    if (typeof terminated !== 'boolean') {
      this.fault('twin shape', 'step', tell, `terminated is ${show(terminated)}, not true or false`, RETURN)
    }
    if (!Number.isFinite(reward)) this.fault('twin finite', 'step', tell, `reward is ${reward}`, FINITE)
    this.checkState('step', tell, state)
    return result as StepResult
  }

  /** What the critic sees; entries outside of it, and those that are not written, are faults. */
  observe(tell: Tell, state: StateObject, params: ParamValues): Float64Array {
    const obs = this.written('observe', 'obs', this.width, tell, state, params)
    this.checkEntries(tell, obs)
    if (!this.spec.privileged) return obs
    const more = this.written('privileged', 'out', this.spec.privileged.length, tell, state, params)
    const all = new Float64Array(this.width + more.length)
    all.set(obs)
    all.set(more, this.width)
    return all
  }

  private written(
    name: 'observe' | 'privileged',
    out: string,
    width: number,
    tell: Tell,
    state: StateObject,
    params: ParamValues,
  ): Float64Array {
    // Between two guard values; all are NaN before.
    const obs = new Float64Array(width + 2).fill(Number.NaN)
    this.guard(name, tell, () => this.twin[name]!(state, obs, 1, params))
    const inside = obs.subarray(1, -1)
    const bad = inside.findIndex((x) => !Number.isFinite(x))
    if (bad >= 0 && Number.isNaN(inside[bad])) {
      this.fault('twin shape', name, tell, `entry ${bad} is not written, or is NaN`, `Write ${out}[offset + ${bad}].`)
    }
    if (bad >= 0) this.fault('twin finite', name, tell, `entry ${bad} is ${inside[bad]}`, FINITE)
    if (!Number.isNaN(obs[0]) || !Number.isNaN(obs[obs.length - 1])) {
      const what = `writes outside of ${out}[offset .. offset + ${width})`
      this.fault('twin shape', name, tell, what, 'Start at offset.')
    }
    return inside
  }

  /** Entries of packed observations are whole numbers that fit into their bits. */
  private checkEntries(tell: Tell, obs: Float64Array): void {
    const { observation } = this.spec
    if (!isPacked(this.spec)) return
    const most = observation!.storage === 'bits' ? 1 : 255
    const bad = obs.findIndex((x) => !(Number.isInteger(x) && x >= 0 && x <= most))
    if (bad < 0) return
    const range = most === 1 ? '0 or 1' : `a whole number from 0 to ${most}`
    const what = `entry ${bad} ${entryName(this.spec, bad)} is ${obs[bad]}, not ${range}, which ${observation!.storage} hold`
    this.fault('twin shape', 'observe', tell, what, 'The framework packs the entries, and divides bytes by 255.')
  }

  /** Which choices are allowed, 0 or 1 each; null if the twin has no mask. */
  mask(tell: Tell, state: StateObject, params: ParamValues): Float64Array | null {
    if (!this.twin.mask) return null
    const mask = new Float64Array(actionDim(this.spec)).fill(Number.NaN)
    this.guard('mask', tell, () => this.twin.mask!(state, mask, 0, params))
    const bad = mask.findIndex((entry) => entry !== 0 && entry !== 1)
    if (bad >= 0) {
      this.fault('twin shape', 'mask', tell, `entry ${bad} is ${mask[bad]}, not 0 or 1`, `Write out[offset + ${bad}].`)
    }
    return mask
  }

  private checkState(name: string, tell: Tell, state: StateObject): void {
    for (const word of this.words) {
      const value = numberOf(state, word)
      if (value !== undefined && Number.isFinite(value)) continue
      const what = `state.${word.name} is ${value ?? 'not a number'}`
      if (value === undefined) this.fault('twin shape', name, tell, what, 'Keep all fields of EnvState.')
      this.fault('twin finite', name, tell, what, FINITE)
    }
  }

  private guard<T>(name: string, tell: Tell, call: () => T): T {
    try {
      return call()
    } catch (error) {
      throw new TwinFault('twin throws', name, () => {
        const { where, from = '' } = tell()
        const place = authorPlace(error)
        const what = error instanceof Error ? error.message || error.name : show(error)
        return `twin.${name} threw at ${where}: ${what}${place ? `, ${place}` : ''}${from && `; it was called ${from}`}.`
      })
    }
  }

  private fault(check: TwinFault['check'], name: string, tell: Tell, what: string, advice: string): never {
    throw new TwinFault(check, `${name} ${what.replace(/[\d.]+/g, '')}`, () => {
      const { where, from = '' } = tell()
      return `twin.${name}: ${what}. ${advice} Seen at ${where}${from && `, ${from}`}.`
    })
  }
}

const FINITE = 'Look for a division by 0, a root or logarithm of a negative number, or a field that is not there.'

/** A frame of a stack in Chrome, Node, Firefox or Safari: its file, and its line. */
const FRAME = /(?:^|[\s(@])([^\s()@]+?)(?:\?[^\s:]*)?:(\d+):\d+\)?$/
/** The library's own functions that a twin calls; an error in them is the caller's. */
const LIBRARY = /^node:|\/(src\/env|node_modules|ppo-webgpu\/dist)\//

const framesOf = (stack: string | undefined): { file: string; line: string }[] =>
  (stack ?? '').split('\n').flatMap((text) => {
    const match = FRAME.exec(text.trim())
    return match ? [{ file: match[1], line: match[2] }] : []
  })

/** `catch.ts:11`: where the author's own code threw, if the stack says so. */
export function authorPlace(error: unknown): string | undefined {
  const [own] = framesOf(new Error().stack)
  for (const { file, line } of framesOf((error as Error | undefined)?.stack)) {
    if (file === own?.file) return undefined // this file, or a bundle that has everything in it
    if (LIBRARY.test(file)) continue
    const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
    // A development server that turns TypeScript into JavaScript moves its lines.
    return /^https?:.*\.tsx?$/.test(file) ? name : `${name}:${line}`
  }
  return undefined
}
