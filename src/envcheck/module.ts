/** A user's module: the environments among its exports, and the line of what a check complains about. */
import type { EnvSpec } from '../env/contract'
import { SPEC } from '../env/keys'

/** An environment, and the name of its export. */
export interface NamedSpec {
  name: string
  spec: EnvSpec
}

/** Three of its fields are enough: a check says what is wrong with the others. */
const looksLikeSpec = (value: unknown): value is EnvSpec =>
  typeof value === 'object' && value !== null && SPEC.fields.filter((field) => field in value).length >= 3

/** The environments that a module exports; one that is exported twice, as `default` and by name, counts once. */
export const specsIn = (exported: Record<string, unknown>): NamedSpec[] =>
  Object.entries(exported)
    .flatMap(([name, spec]) => (looksLikeSpec(spec) ? [{ name, spec }] : []))
    .sort((a, b) => Number(a.name === 'default') - Number(b.name === 'default'))
    .filter(({ spec }, i, all) => all.findIndex((other) => other.spec === spec) === i)

/**
 * The line of a module's source on which the field of a message stands, such as `env.preset: ...`; null if it is not
 * seen, or more than one may be meant.
 */
export function fieldLine(source: string, message: string): number | null {
  const [, field] = /^env\.([A-Za-z]+)/.exec(message) ?? []
  if (field === undefined) return null
  // `field: ...`, or `field` alone, whose value is a variable of that name.
  const written = new RegExp(`^[\\s{]*(['"]?)${field}\\1\\s*(:|,|$)`)
  const lines = source.split('\n').flatMap((line, i) => (written.test(line) ? [i + 1] : []))
  return lines.length === 1 ? lines[0] : null
}

/** `:2`, the line of a module's source that imports `what`; empty if that is not seen. */
export function importLine(source: string, what: string): string {
  const at = source.split('\n').findIndex((line) => line.includes(`'${what}'`) || line.includes(`"${what}"`))
  return at < 0 ? '' : `:${at + 1}`
}
