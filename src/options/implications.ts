/** What options need of each other, from their rows: errors for a configuration, companions for a change. */
import { ConfigError } from './errors'
import { OPTION_NAMES, OPTIONS, type OptionName, type PpoConfig } from './options'
import type { Implication, State } from './row'

interface Need {
  of: OptionName
  when: State
  option: OptionName
  is: State
  message: string
}

const needsOf = (of: OptionName, { when, needs, message }: Implication): Need => {
  const [[option, is]] = Object.entries(needs)
  return { of, when, option: option as OptionName, is, message }
}

const NEEDS: Need[] = OPTION_NAMES.flatMap((name) => (OPTIONS[name].implies ?? []).map((it) => needsOf(name, it)))

const holds = (state: State, value: unknown): boolean => (state === 'not null' ? value !== null : value === state)

const broken = (config: PpoConfig): Need[] =>
  NEEDS.filter(({ of, when, option, is }) => holds(when, config[of]) && !holds(is, config[option]))

/** @throws ConfigError when an option needs another one to be something else. */
export function checkImplications(config: PpoConfig): void {
  for (const { message } of broken(config)) throw new ConfigError(`config.${message}`)
}

/**
 * `change`, and what else must change with it for a configuration that was right before: the other option of a broken
 * need gives way, never one that was asked for and none that `leads`. Where none can, the check will say so.
 */
export function withCompanions(change: Partial<PpoConfig>, config: PpoConfig): Partial<PpoConfig> {
  const all: Record<string, unknown> = { ...change }
  const mayChange = (name: OptionName) => !Object.hasOwn(all, name) && !OPTIONS[name].leads
  for (;;) {
    const need = broken({ ...config, ...all }).find(({ of, option }) => mayChange(of) || mayChange(option))
    if (need === undefined) return all
    const { of, when, option, is } = need
    if (mayChange(option)) all[option] = is === 'not null' ? OPTIONS[option].example : is
    else all[of] = without(of, when)
  }
}

/** The value of option `name` in which it does not need what it needs in state `when`. */
function without(name: OptionName, when: State): unknown {
  if (when === 'not null') return null
  return typeof when === 'boolean' ? !when : OPTIONS[name].default
}
