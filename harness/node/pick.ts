/** Which adapter of dawn.node a part of a name means. */
import { suggest } from '../../src/options/suggest'

const list = (names: string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

/** @param kinds Other words that `--adapter` takes, for a suggestion. */
export function pickAdapter(
  names: string[],
  part: string,
  kinds: readonly string[],
): { name: string } | { why: string } {
  const same = names.filter((name) => name.toLowerCase() === part.toLowerCase())
  const found = same.length > 0 ? same : names.filter((name) => name.toLowerCase().includes(part.toLowerCase()))
  if (found.length === 1) return { name: found[0] }
  if (found.length > 1) {
    return { why: `${JSON.stringify(part)} is a part of ${found.length} names: ${list(found)}. Write more of one.` }
  }
  const there = names.length > 0 ? `Adapters here: ${list(names)}` : 'There is none here'
  return {
    why: `no adapter has ${JSON.stringify(part)} in its name${suggest(part, kinds)}. ${there}. --list-adapters lists them.`,
  }
}

/** The names in the error of dawn.node about an adapter that is not there. */
export const namesIn = (message: string): string[] => [
  ...new Set([...message.matchAll(/name: '(.*)'/g)].map(([, name]) => name)),
]
