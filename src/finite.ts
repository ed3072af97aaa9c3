/**
 * WGSL that tells whether the floats of an environment's state are finite, by their bits. It is made from the struct
 * that the environment declares, so that it holds for any.
 */
import type { EnvSpec } from '../envs/env'
import { link, type Slot } from './gpu/link'
import { membersOf } from './gpu/reflect'
import { SHADERS } from './shaders'

/** Statements that raise `largest` to the bits of every float of `type` at `path`; whole numbers are always finite. */
function collect(code: string, type: string, path: string, depth: number): string[] {
  const indent = '  '.repeat(depth + 1)
  if (type === 'f32') return [`${indent}largest = max(largest, magnitude_bits(${path}));`]
  if (type === 'u32' || type === 'i32') return []
  const vector = /^vec([234])(?:<\s*(\w)32\s*>|(\w))$/.exec(type)
  if (vector) {
    const components = ['x', 'y', 'z', 'w'].slice(0, (vector[2] ?? vector[3]) === 'f' ? Number(vector[1]) : 0)
    return components.flatMap((component) => collect(code, 'f32', `${path}.${component}`, depth))
  }
  const array = /^array<\s*(.+?)\s*,\s*(\w+)\s*>$/.exec(type)
  if (!array) return membersOf(code, type).flatMap(({ name, type }) => collect(code, type, `${path}.${name}`, depth))
  const i = `i${depth}`
  const body = collect(code, array[1], `${path}[${i}]`, depth + 1)
  return body.length === 0 ? [] : [`${indent}for (var ${i} = 0u; ${i} < ${array[2]}; ${i}++) {`, ...body, `${indent}}`]
}

/**
 * The slot `finite`: `state_is_finite` for the `EnvState` of the slot `env`, which `own` binds. It is made when it is
 * linked: what is wrong with the environment itself is told before.
 */
export function finiteSlot(spec: EnvSpec, own: Record<string, Slot>): Slot {
  return {
    file: `finite (from EnvState of ${spec.id}, by src/finite.ts)`,
    get source() {
      const { code } = link('env', SHADERS, own)
      return [
        '//#import "shaders/lib/agent.wgsl"',
        '//#import "env"',
        'fn state_is_finite(state: ptr<function, EnvState>) -> bool {',
        '  var largest = 0u;',
        ...collect(code, 'EnvState', '(*state)', 0),
        '  return largest < INFINITE_BITS;',
        '}',
      ].join('\n')
    },
  }
}
