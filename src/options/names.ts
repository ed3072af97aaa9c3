/** Finds options by the names that other projects use, in any spelling: `--lr`, `n_steps`, `GAE_LAMBDA`. */
import { OPTION_NAMES, OPTIONS, type OptionName } from './options'
import { nearest } from './suggest'

const plain = (word: string): string => word.toLowerCase().replace(/[-_.\s]/g, '')

const BY_NAME = new Map<string, OptionName>(
  OPTION_NAMES.flatMap((name) => [name, ...(OPTIONS[name].aka ?? [])].map((word) => [plain(word), name])),
)

/** The option that has the name `word` here or in another project. */
export const optionCalled = (word: string): OptionName | undefined => BY_NAME.get(plain(word))

/** ` (did you mean "learningRate"?)`, or empty if no name is similar to `word`. */
export function suggestOption(word: string): string {
  const name = optionCalled(word) ?? nearest(word, OPTION_NAMES)
  return name === undefined ? '' : ` (did you mean ${JSON.stringify(name)}?)`
}
