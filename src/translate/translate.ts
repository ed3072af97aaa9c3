/**
 * Functions of WGSL as JavaScript, so that a picture can be drawn without WebGPU: `env_shape` and what it calls. Floats
 * become float64; whole numbers wrap as in WGSL. Matrices, textures and buffers are not translated, nor is `continuing`.
 */
import { evaluate } from '../wgsl/constants'
import { type Declaration, moduleOf } from '../wgsl/module'
import { readTokens, WgslError } from '../wgsl/tokens'
import { Expressions, type Globals, kept } from './expressions'
import { bodyOf, functionOf, nameOf } from './functions'
import { concrete, NOTHING, type Type, typeNamed, zeroOf } from './types'

/**
 * The text of an expression: a function of `R`, the runtime, that returns the functions `wanted` by their names.
 * @param source Linked WGSL.
 * @throws WgslError for what is not translated, with its place.
 */
export function translate(source: string, wanted: readonly string[]): string {
  const module = moduleOf(source)
  const { tokens } = readTokens(source)
  const known = new Map<string, { js: string; type: Type }>()
  const out: string[] = []
  const open: string[] = []

  const globals: Globals = { module, use }
  function use(name: string): { js: string; type: Type } | undefined {
    const found = known.get(name)
    if (found) return found
    const declared = module.named.get(name)
    if (!declared || !['const', 'fn', 'override', 'var'].includes(declared.kind)) return undefined
    if (open.includes(name)) throw new WgslError(`${name} depends on itself`, declared.at)
    open.push(name)
    const type = declared.kind === 'fn' ? addFunction(declared) : addValue(declared)
    open.pop()
    const value = { js: nameOf(name), type }
    known.set(name, value)
    return value
  }

  function addFunction(declared: Declaration): Type {
    out.push(functionOf(globals, declared, bodyOf(tokens, declared)))
    return declared.type.length > 0 ? typeNamed(module, declared.type) : NOTHING
  }

  function addValue({ kind, name, at, type: named, value: tokens, space }: Declaration): Type {
    if (kind === 'var' && space[0] !== 'private') {
      throw new WgslError(
        `${name}: variables of ${space[0] ?? 'no address space'} are not translated to JavaScript`,
        at,
      )
    }
    const value = tokens.length > 0 ? new Expressions(globals, tokens, []).whole() : null
    const type = named.length > 0 ? typeNamed(module, named) : value && concrete(value.type)
    if (!type) throw new WgslError(`${name}: has no type and no value`, at)
    out.push(`${kind === 'var' ? 'let' : 'const'} ${nameOf(name)} = ${value ? kept(value) : zeroOf(type)};\n`)
    return type
  }

  for (const name of wanted) {
    if (!use(name)) throw new WgslError(`${name}: is not declared in the source`, 0)
  }
  const results = wanted.map((name) => `${name}: ${nameOf(name)}`)
  if (known.has('params')) results.push('set params(values) { Object.assign($params, values) }')
  return `(R) => {\n"use strict";\n${out.join('')}return { ${results.join(', ')} };\n}`
}

/** The value of the whole number `name`; 0 if the source has none. */
export function countIn(source: string, name: string): number {
  const declared = moduleOf(source).named.get(name)
  return declared ? evaluate(moduleOf(source), declared.value) : 0
}
