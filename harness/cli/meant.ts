/** What an unknown flag was meant as: an option of the configuration, by whatever name, or a flag spelt otherwise. */
import { optionCalled } from '../../src/options/names'
import { FLAGGED, OPTION_NAMES, OPTIONS, type OptionName } from '../../src/options/options'
import { nearest } from '../../src/options/suggest'

/** `num-envs` of numEnvs. */
export const flagOf = (name: OptionName): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * ` (did you mean "--set learningRate=1e-3"?)`, or nothing.
 * @param word What stood behind the two dashes.
 * @param value What came with it, or next.
 * @param flags Those that the command takes; options are proposed where `set` is one of them.
 */
export function suggestFlag(word: string, value: string | undefined, flags: readonly string[]): string {
  const best = meant(word, value, flags)
  return best === undefined ? '' : ` (did you mean ${JSON.stringify(best)}?)`
}

function meant(word: string, value: string | undefined, flags: readonly string[]): string | undefined {
  const takesOptions = flags.includes('set')
  const known = takesOptions ? (setting(word, value, flags) ?? negated(word, flags)) : undefined
  if (known !== undefined) return known
  const flag = nearest(
    `--${word}`,
    flags.map((name) => `--${name}`),
  )
  if (flag !== undefined || !takesOptions) return flag
  const spelt = nearest(word.replaceAll('-', ''), OPTION_NAMES)
  return spelt === undefined ? undefined : setting(spelt, value, flags)
}

/** How the option that is called `word`, here or elsewhere, is set. */
function setting(word: string, value: string | undefined, flags: readonly string[]): string | undefined {
  const name = optionCalled(word)
  if (name === undefined) return undefined
  // Without its flag the command does not take it: `learn` sets the number of agents itself.
  if (FLAGGED.includes(name)) return flags.includes(flagOf(name)) ? `--${flagOf(name)}` : undefined
  const plain = value !== undefined && /^[\w.,+-]+$/.test(value) ? value : undefined
  return `--set ${name}=${plain ?? (OPTIONS[name].type === 'boolean' ? 'true' : '...')}`
}

/** `--no-anneal-lr`, as CleanRL has it. */
function negated(word: string, flags: readonly string[]): string | undefined {
  const name = /^no-/.test(word) ? optionCalled(word.slice(3)) : undefined
  return name !== undefined && OPTIONS[name].type === 'boolean' ? setting(name, 'false', flags) : undefined
}
