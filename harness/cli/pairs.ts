/** `--set KEY=VALUE`, given any number of times. */
import { UsageError } from './errors'

/**
 * Key and text of each pair, in order.
 * @param example A pair, for messages.
 * @throws UsageError for what is not a pair, and for a key that is given twice.
 */
export function readPairs(flag: string, pairs: readonly string[], example: string): Map<string, string> {
  const read = new Map<string, string>()
  const form = flag === 'set' ? 'KEY=VALUE' : 'NAME=VALUE'
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`--${flag}: ${JSON.stringify(pair)} is not ${form}, such as --${flag} ${example}.`)
    const key = pair.slice(0, at)
    if (read.has(key)) throw new UsageError(`--${flag} ${key}: given twice.`)
    read.set(key, pair.slice(at + 1))
  }
  return read
}
