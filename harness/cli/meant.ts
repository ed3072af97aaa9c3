/** Suggestions for an unknown flag: an option of the configuration, by any of its names, or a similar flag. */
import { optionCalled } from '../../src/options/names'
import { FLAGGED, OPTION_NAMES, OPTIONS, type OptionName } from '../../src/options/options'
import { nearest } from '../../src/options/suggest'

/** `num-envs` for numEnvs. */
export const flagOf = (name: OptionName): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * ` (did you mean "--set learningRate=1e-3"?)`, or empty.
 * @param word The text after the two dashes.
 * @param value Its value, or the next argument.
 * @param flags The flags of the command; options are suggested if `set` is one of them.
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

/** How to set the option that has the name `word`, here or in another project. */
function setting(word: string, value: string | undefined, flags: readonly string[]): string | undefined {
  const name = optionCalled(word)
  if (name === undefined) return undefined
  // A command without its flag does not accept it: `learn` sets the number of agents itself.
  if (FLAGGED.includes(name)) return flags.includes(flagOf(name)) ? `--${flagOf(name)}` : undefined
  const plain = value !== undefined && /^[\w.,+-]+$/.test(value) ? value : undefined
  return `--set ${name}=${plain ?? (OPTIONS[name].type === 'boolean' ? 'true' : '...')}`
}

/** `--no-anneal-lr`, as in CleanRL. */
function negated(word: string, flags: readonly string[]): string | undefined {
  const name = /^no-/.test(word) ? optionCalled(word.slice(3)) : undefined
  return name !== undefined && OPTIONS[name].type === 'boolean' ? setting(name, 'false', flags) : undefined
}
