/** The twin of a user's environment, for commands that play it: what it does wrong is told with its place. */
import type { EnvSpec, EnvTwin, StepResult } from '../../src/env/contract'
import { authorPlace } from '../../src/envcheck/guarded'
import { show } from '../../src/options/show'
import { UsageError } from '../cli/errors'
import { commandLine, quoted } from '../cli/invocation'

/** @param file The module, for messages. */
export function guardTwin(spec: EnvSpec, file: string): EnvSpec {
  const { twin } = spec
  return twin ? { ...spec, twin: guarded(twin, spec.id, file) } : spec
}

function guarded(twin: EnvTwin<Record<string, number>>, id: string, file: string): typeof twin {
  const wrong = (what: string) =>
    new UsageError(
      `${file}: ${id}: ${what}. Mend the twin; \`${commandLine('check-env', quoted(file))}\` plays it step by step beside the WGSL.`,
    )
  const call = <T>(name: string, made: () => T): T => {
    try {
      return made()
    } catch (error) {
      const place = authorPlace(error)
      const what = error instanceof Error ? error.message || error.name : show(error)
      throw wrong(`twin.${name} threw${place ? ` at ${place}` : ''}: ${what.replace(/\.$/, '')}`)
    }
  }
  return {
    reset(...given) {
      const state = call('reset', () => twin.reset(...given))
      if (typeof state !== 'object' || state === null) throw wrong(`twin.reset gave ${show(state)}, not a state`)
      return state
    },
    step(...given) {
      const result: Partial<StepResult> | undefined = call('step', () => twin.step(...given))
      const { reward, terminated } = result ?? {}
      if (Number.isFinite(reward) && typeof terminated === 'boolean') return result as StepResult
      throw wrong(`twin.step gave ${show(result)}, not { reward, terminated }, a finite number and true or false`)
    },
    observe: (...given) => call('observe', () => twin.observe(...given)),
    ...(twin.mask ? { mask: (...given) => call('mask', () => twin.mask!(...given)) } : {}),
  }
}
