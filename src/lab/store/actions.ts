/** All actions of the user. */
import type { PpoOptions } from '../../config/config'
import { paramKind } from '../../env/params'
import { withCompanions } from '../../options/implications'
import { OPTIONS, type OptionName, type SweepKey } from '../../options/options'
import type { ParamSetting } from '../../options/params'
import { formatValue } from '../../options/text'
import { formatOption, resolveChoice } from '../choice'
import { messageOf } from '../format'
import type { PanelName } from '../link'
import type { Surface, ViewChoice } from '../protocol'
import { config, env, given, hidden, notice, pace, playing, shown, software, spec, view } from '../state'
import { saveLink } from './address'
import { tell } from './line'
import { restart } from './runs'

export function setPlaying(play: boolean): void {
  playing.value = play
  tell({ type: play ? 'play' : 'pause' })
  saveLink()
}
export function step(): void {
  playing.value = false
  tell({ type: 'step' })
  saveLink()
}
export function resetSame(): void {
  notice.value = { kind: 'info', text: `New run with the same seed, ${config.value?.seed}: the same curve.` }
  restart()
}
export function resetNewSeed(): void {
  const { seed: _, ...rest } = given.value
  given.value = { ...rest, seed: ((config.value?.seed ?? 0) + 1) % 2 ** 31 }
  notice.value = { kind: 'info', text: `New run with seed ${given.value.seed}.` }
  restart()
}
export function setPace(iterationsPerSecond: number): void {
  pace.value = iterationsPerSecond
  tell({ type: 'pace', iterationsPerSecond })
}
export function setView(change: Partial<ViewChoice>): void {
  view.value = { ...view.value, ...change }
  tell({ type: 'view', view: view.value })
  saveLink()
}
export const setSurface = (surface: Surface): void => tell({ type: 'surface', surface })
export const poke = (field: string, value: number): void => tell({ type: 'poke', field, value })

export function setEnv(id: string): void {
  env.value = id
  // Sizes and rates were chosen for the previous environment.
  given.value = {}
  notice.value = { kind: 'info', text: `${id}, with its own preset.` }
  setView({ focus: 0 })
  restart()
}

/** Changes one option: at once if that is possible, else with a new run. False if the value is wrong. */
export function setOption(name: OptionName, value: unknown): boolean {
  const changes = withCompanions({ [name]: value }, config.value!)
  const next = { ...given.value, ...changes } as PpoOptions
  let choice: ReturnType<typeof resolveChoice>
  try {
    choice = resolveChoice(env.value, next, software.value)
  } catch (error) {
    notice.value = { kind: 'error', text: messageOf(error) }
    return false
  }
  const before = config.value!
  given.value = next
  const swept = typeof value === 'object' && value !== null && name !== 'hidden'
  if (Object.keys(changes).every((changed) => OPTIONS[changed as OptionName].live) && !swept) {
    config.value = choice.config
    const companions = Object.entries(changes).filter(([other]) => other !== name)
    const to = [
      formatOption(name, value),
      ...companions.map(([other, x]) => `${other} ${formatOption(other as OptionName, x)}`),
    ]
    const from = before.sweep[name as SweepKey] ? 'swept' : formatOption(name, before[name])
    tell({ type: 'live', config: choice.config, change: { name, from, to: to.join(', ') } })
    notice.value = { kind: 'info', text: `${name} is ${formatOption(name, value)} from the next iteration on.` }
    saveLink()
    if (playing.value) tell({ type: 'play' })
  } else {
    notice.value = { kind: 'info', text: `${name} is ${formatOption(name, value)}: a new run has begun.` }
    restart()
  }
  return true
}

/** Sets a parameter of the environment: at once, also in running episodes. False if the value is wrong. */
export function setParam(name: string, value: ParamSetting): boolean {
  const next: PpoOptions = { ...given.value, envParams: { ...given.value.envParams, [name]: value } }
  let choice: ReturnType<typeof resolveChoice>
  try {
    choice = resolveChoice(env.value, next, software.value)
  } catch (error) {
    notice.value = { kind: 'error', text: messageOf(error) }
    return false
  }
  const param = spec.value.params![name]
  const text = formatValue(value, paramKind(param))
  const from = formatValue(config.value!.envParams[name] ?? param.default, paramKind(param))
  given.value = next
  config.value = choice.config
  tell({ type: 'live', config: choice.config, change: { name, from, to: text } })
  notice.value = { kind: 'info', text: `${name} is ${text} from now on.` }
  saveLink()
  if (playing.value) tell({ type: 'play' })
  return true
}

/** Resets all options to the environment's own. */
export function resetOptions(): void {
  given.value = {}
  notice.value = { kind: 'info', text: 'All options are the preset’s again: a new run has begun.' }
  restart()
}

export function togglePanel(panel: PanelName): void {
  hidden.value = shown(panel) ? [...hidden.value, panel] : hidden.value.filter((name) => name !== panel)
  saveLink()
}
