/** What an environment computes, as one hash: two environments of the same name may differ. */
import { sha256 } from '../files/sha256'
import { readTokens } from '../wgsl/tokens'
import type { AnyEnvSpec } from './contract'

/** WGSL without white space and comments, but with the linker's `//#` lines: packages have it without comments. */
function bareText(source: string): string {
  const { tokens, comments } = readTokens(source)
  const directives = comments.flatMap(({ at, end }) => {
    const text = source.slice(at, end).trim()
    return text.startsWith('//#') ? [{ at, text }] : []
  })
  return [...tokens, ...directives]
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join(' ')
}

/**
 * SHA-256 of what decides how an environment behaves: its WGSL and modules without their comments, a grid's shape and
 * storage, the space of its actions, its time limit, the defaults of its parameters. Names and pictures, and the twin, do not count.
 */
export function sourceHash({
  wgsl,
  modules = {},
  actionSpace,
  maxEpisodeSteps,
  params = {},
  observation,
}: AnyEnvSpec): string {
  const parts = Object.keys(modules)
    .sort()
    .map((name) => [name, bareText(modules[name].source), Object.entries(modules[name].numbers ?? {}).sort(byName)])
  const defaults = Object.entries(params).map(([name, param]) => [name, param.default])
  const all = [
    bareText(wgsl),
    parts,
    sortedSpace(actionSpace),
    maxEpisodeSteps,
    defaults,
    ...(observation ? [sortedSpace(observation)] : []),
  ]
  return sha256(new TextEncoder().encode(JSON.stringify(all)))
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : Number(a > b))

/** Its fields in one order, however they were written. */
const sortedSpace = (space: object): [string, unknown][] => Object.entries(space).sort(byName)
