/**
 * Generates WGSL that checks by bits whether the floats of an environment's state are finite, from the struct that the
 * environment declares.
 */
import type { EnvSpec } from '../env/contract'
import { link, type Slot } from '../gpu/link'
import { reflectStruct, type Type } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'

/** Statements that raise `largest` to the bits of every float of `type` at `path`; integers are always finite. */
function collect(type: Type, path: string, depth: number): string[] {
  const indent = '  '.repeat(depth + 1)
  switch (type.kind) {
    case 'struct':
      return type.fields.flatMap((field) => collect(field.type, `${path}.${field.name}`, depth))
    case 'array': {
      const i = `i${depth}`
      const body = collect(type.element, `${path}[${i}]`, depth + 1)
      const loop = `${indent}for (var ${i} = 0u; ${i} < ${type.count}u; ${i}++) {`
      return body.length === 0 ? [] : [loop, ...body, `${indent}}`]
    }
    case 'vector': {
      const components = type.scalar === 'f32' ? ['x', 'y', 'z', 'w'].slice(0, type.width) : []
      return components.map((component) => raise(`${path}.${component}`, indent))
    }
    case 'scalar':
      return type.scalar === 'f32' ? [raise(path, indent)] : []
    case 'other':
      throw new Error(`${path}: ${type.name} is not a number of the state`) // reflectStruct refuses it
  }
}

const raise = (path: string, indent: string): string => `${indent}largest = max(largest, magnitude_bits(${path}));`

/**
 * The slot `finite`: `state_is_finite` for the `EnvState` of the slot `env`, which is in `own`. Created at link time,
 * so that errors in the environment itself are reported first.
 */
export function finiteSlot(spec: EnvSpec, own: Record<string, Slot>): Slot {
  return {
    file: `finite (from EnvState of ${spec.id}, by src/plan/finite.ts)`,
    get source() {
      const { code } = link('env', SHADERS, own)
      return [
        '//#import "shaders/lib/data/agent.wgsl"',
        '//#import "env"',
        'fn state_is_finite(state: ptr<function, EnvState>) -> bool {',
        '  var largest = 0u;',
        ...collect(reflectStruct(code, 'EnvState'), '(*state)', 0),
        '  return largest < INFINITE_BITS;',
        '}',
      ].join('\n')
    },
  }
}
