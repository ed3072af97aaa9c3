/** What options require of each other, from their rows: errors for a configuration, companion changes for a change. */
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

/** @throws ConfigError if an option requires another value of another option. */
export function checkImplications(config: PpoConfig): void {
  for (const { message } of broken(config)) throw new ConfigError(`config.${message}`)
}

/**
 * `change`, plus the changes of other options that it requires, for a configuration that was valid before. For a broken
 * requirement the other option changes, but never one that is in `change` and none that `leads`. If no option can
 * change, the check reports the error.
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

/** A value of option `name` that does not have the requirement of state `when`. */
function without(name: OptionName, when: State): unknown {
  if (when === 'not null') return null
  return typeof when === 'boolean' ? !when : OPTIONS[name].default
}
